import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const program = join(process.cwd(), 'examples/desktop/dist/main.js');
const LIMIT_MS = 30_000;

export interface RunningExample {
  readonly child: ChildProcess;
  /** Everything printed so far, both streams. */
  output(): string;
  printed(text: string): Promise<void>;
  /** Resolves with the exit code when the process is gone and its output is read. */
  readonly ended: Promise<number | null>;
}

export interface ExampleBed {
  readonly directory: string;
  start(args?: readonly string[], env?: NodeJS.ProcessEnv): RunningExample;
  /** What the example left where it makes its temporary directory. */
  left(): Promise<readonly string[]>;
}

/** Gives the example a temporary directory of its own, so that what it leaves can be told from what others do. */
export async function withExample(use: (bed: ExampleBed) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'mcp-oauth-desktop-test-'));
  const temporary = join(directory, 'tmp');
  await mkdir(temporary);
  const running: RunningExample[] = [];
  try {
    await use({
      directory,
      start: (args = [], env = {}) => {
        const example = start(args, { ...process.env, MCP_CONFIG: undefined, TMPDIR: temporary, ...env });
        running.push(example);
        return example;
      },
      left: async () => (await readdir(temporary)).filter((name) => name.startsWith('mcp-oauth-')),
    });
  } finally {
    for (const { child, ended } of running) {
      child.kill('SIGKILL');
      await ended;
    }
    await rm(directory, { recursive: true, force: true });
  }
}

function start(args: readonly string[], env: NodeJS.ProcessEnv): RunningExample {
  const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  }
  const printed = async (text: string): Promise<void> => {
    for (const limit = Date.now() + LIMIT_MS; !output.includes(text); await soon(20))
      if (Date.now() > limit) throw new Error(`The example did not print "${text}". It printed:\n${output}`);
  };
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, output: () => output, printed, ended };
}

/** The processes whose command line names `text`. Linux. */
export async function processesNaming(text: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const line = await readFile(`/proc/${entry}/cmdline`, 'latin1').catch(() => '');
    if (line.includes(text)) found.push(Number(entry));
  }
  return found;
}

export const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
