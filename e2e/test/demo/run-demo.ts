import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const program = join(process.cwd(), 'examples/demo/dist/main.js');

export interface RunningDemo {
  readonly child: ChildProcess;
  /** Everything printed so far, both streams. */
  output(): string;
  /** Resolves when the process is gone and its output is read. */
  readonly ended: Promise<{ readonly code: number | null; readonly endedAt: number }>;
}

export interface DemoBed {
  readonly directory: string;
  start(args?: readonly string[], env?: Readonly<Record<string, string>>): RunningDemo;
  /** What the demo left where it makes its temporary directory. */
  left(): Promise<readonly string[]>;
}

/** Gives the demo a temporary directory of its own, so that what it leaves can be told from what others do. */
export async function withDemo(use: (bed: DemoBed) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'mcp-oauth-demo-test-'));
  const temporary = join(directory, 'tmp');
  await mkdir(temporary);
  const running: RunningDemo[] = [];
  try {
    await use({
      directory,
      start: (args = [], env = {}) => {
        const demo = start(args, { ...process.env, TMPDIR: temporary, ...env });
        running.push(demo);
        return demo;
      },
      left: () => readdir(temporary),
    });
  } finally {
    for (const demo of running) {
      demo.child.kill('SIGKILL');
      await demo.ended;
    }
    await rm(directory, { recursive: true, force: true });
  }
}

function start(args: readonly string[], env: NodeJS.ProcessEnv): RunningDemo {
  const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  }
  const ended = new Promise<{ code: number | null; endedAt: number }>((resolve) => {
    child.once('close', (code) => resolve({ code, endedAt: Date.now() }));
  });
  return { child, output: () => output, ended };
}
