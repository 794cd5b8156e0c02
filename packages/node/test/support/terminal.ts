import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './waiting.js';

const python = fileURLToPath(new URL('../prompt/terminal.py', import.meta.url));
const script = fileURLToPath(new URL('../prompt/ask.mjs', import.meta.url));

export interface AskOptions {
  readonly authorizationUrls?: readonly string[];
  readonly resource?: string;
  readonly rejected?: string;
  /** What stdin, stdout and stderr lead to. */
  readonly streams?: readonly ('tty' | 'null')[];
  readonly abortMs?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** A command that runs the one given after it. */
  readonly through?: readonly string[];
}

export interface Ending {
  readonly available: boolean;
  readonly answers: readonly (string | { readonly name: string; readonly message: string })[];
  /** Everything that the terminal showed. */
  readonly shown: string;
  readonly code: number;
  /** Whether the terminal was in the mode that it was found in, as soon as the answers were there. */
  readonly restored: boolean;
}

/** A process that asks at a terminal of its own, and the person in front of it. */
export interface Asking {
  type(text: string): void;
  /** Waits until the terminal has shown `text`, and returns all that it showed. */
  sees(text: string): Promise<string>;
  /** Closes the terminal, like its window. */
  hangUp(): void;
  readonly ending: Promise<Ending>;
}

export async function ask(options: AskOptions = {}): Promise<Asking> {
  const { authorizationUrls = ['https://as.example/authorize'], resource = 'https://mcp.example/mcp' } =
    options;
  const { rejected, streams = ['tty', 'tty', 'tty'], abortMs, env = {}, through = [] } = options;
  const folder = await mkdtemp(join(tmpdir(), 'terminal-'));
  const [report, result] = [join(folder, 'report'), join(folder, 'result')];
  const asking = [
    process.execPath,
    script,
    result,
    JSON.stringify({ authorizationUrls, resource, rejected }),
  ];
  const command = [...through, ...asking, ...(abortMs === undefined ? [] : [String(abortMs)])];
  const { CI: _, ...ambient } = process.env;
  const terminal = spawn('python3', [python, ...streams, report, ...command], {
    env: { ...ambient, TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));

  const end = async (): Promise<Ending> => {
    await once(terminal, 'close');
    const read = async (path: string) => JSON.parse(await readFile(path, 'utf8')) as Partial<Ending>;
    const ending = { shown, ...(await read(report)), ...(await read(result)) };
    await rm(folder, { recursive: true });
    return ending as Ending;
  };
  return {
    type: (text) => terminal.stdin.write(text),
    sees: async (text) => {
      await until(() => shown.includes(text));
      return shown;
    },
    hangUp: () => terminal.stdin.end(),
    ending: end(),
  };
}
