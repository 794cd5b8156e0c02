import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './waiting.js';

const python = fileURLToPath(new URL('../prompt/terminal.py', import.meta.url));
const script = fileURLToPath(new URL('../prompt/ask.mjs', import.meta.url));

export interface TerminalOptions {
  /** What stdin, stdout and stderr lead to. */
  readonly streams?: readonly ('tty' | 'null')[];
  readonly env?: NodeJS.ProcessEnv;
  /** A command that runs the one given after it. */
  readonly through?: readonly string[];
}

export interface AskOptions extends TerminalOptions {
  readonly authorizationUrls?: readonly string[];
  readonly resource?: string;
  readonly rejected?: string;
  /** For how long the server keeps the request, in milliseconds. */
  readonly goodForMs?: number | undefined;
  readonly abortMs?: number;
}

export interface Ended {
  /** Everything that the terminal showed. */
  readonly shown: string;
  readonly code: number;
}

export interface Ending extends Ended {
  readonly available: boolean;
  readonly answers: readonly (string | { readonly name: string; readonly message: string })[];
  /** Whether the terminal was in the mode that it was found in, as soon as the answers were there. */
  readonly restored: boolean;
}

/** A process at a terminal of its own, and the person in front of it. */
export interface AtTerminal<Result> {
  type(text: string): void;
  /** Waits until the terminal has shown `text`, and returns all that it showed. */
  sees(text: string): Promise<string>;
  /** Closes the terminal, like its window. */
  hangUp(): void;
  /** With what the process wrote down. */
  readonly ending: Promise<Ended & Result>;
}

export type Asking = AtTerminal<Ending>;

export async function ask(options: AskOptions = {}): Promise<Asking> {
  const { authorizationUrls = ['https://as.example/authorize'], resource = 'https://mcp.example/mcp' } =
    options;
  const { rejected, goodForMs, abortMs } = options;
  const request = JSON.stringify({ authorizationUrls, resource, rejected, goodForMs });
  return await atTerminal<Ending>(
    script,
    [request, ...(abortMs === undefined ? [] : [String(abortMs)])],
    options,
  );
}

/** Runs a script that gets a file for its result, and these arguments. */
export async function atTerminal<Result>(
  path: string,
  parameters: readonly string[],
  { streams = ['tty', 'tty', 'tty'], env = {}, through = [] }: TerminalOptions,
): Promise<AtTerminal<Result>> {
  const folder = await mkdtemp(join(tmpdir(), 'terminal-'));
  const [report, result] = [join(folder, 'report'), join(folder, 'result')];
  const command = [...through, process.execPath, path, result, ...parameters];
  const { CI: _, ...ambient } = process.env;
  const terminal = spawn('python3', [python, ...streams, report, ...command], {
    env: { ...ambient, TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));

  const end = async (): Promise<Ended & Result> => {
    await once(terminal, 'close');
    const read = async (file: string) => JSON.parse(await readFile(file, 'utf8')) as object;
    const ending = { shown, ...(await read(report)), ...(await read(result)) };
    await rm(folder, { recursive: true });
    return ending as Ended & Result;
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
