import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runGroup } from './process-group.js';

/** The official suite as a command: `@modelcontextprotocol/conformance`, run by the Node that the package `node` brings. */
export interface SuiteOptions {
  readonly command: readonly [program: string, ...args: string[]];
  /** What the suite itself gives a client before it calls it timed out. */
  readonly clientTimeoutMs?: number;
  /** When suite and client are killed, whatever they wait for. */
  readonly timeoutMs?: number;
}

export interface SuiteRun {
  readonly scenario: string;
  readonly wire: string;
  /** The program of the client and what comes before the server's address. */
  readonly client: readonly string[];
  /** An empty directory for what the suite writes. */
  readonly directory: string;
  readonly signal?: AbortSignal;
  readonly onOutput?: (text: string) => void;
}

/** One check of the suite. */
export interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

export interface SuiteReport {
  readonly exitCode: number | undefined;
  readonly timedOut: boolean;
  readonly leftOver: boolean;
  readonly checks: readonly Check[];
  /** What the client wrote to its standard output. */
  readonly clientOutput: string;
  readonly output: string;
}

const CLIENT_TIMEOUT_MS = 30_000;
const TIMEOUT_MS = 45_000;

export class Suite {
  readonly #options: SuiteOptions;

  constructor(options: SuiteOptions) {
    this.#options = options;
  }

  /** The suite that is installed. It needs a newer Node than this project does. */
  static installed(): Suite {
    const resolve = createRequire(import.meta.url).resolve;
    const node = join(dirname(resolve('node/package.json')), 'bin', 'node');
    const suite = join(dirname(resolve('@modelcontextprotocol/conformance/package.json')), 'dist/index.js');
    return new Suite({ command: [node, suite] });
  }

  /** What `list` prints. */
  async list(...args: string[]): Promise<string> {
    const { command, timeoutMs = TIMEOUT_MS } = this.#options;
    const { exitCode, output } = await runGroup([...command, 'list', ...args], { timeoutMs });
    if (exitCode !== 0) throw new Error(`The suite could not list its scenarios:\n${output}`);
    return output;
  }

  /** Runs one scenario against one client. */
  async run({ scenario, wire, client, directory, signal, onOutput }: SuiteRun): Promise<SuiteReport> {
    const { command, clientTimeoutMs = CLIENT_TIMEOUT_MS, timeoutMs = TIMEOUT_MS } = this.#options;
    const args = ['client', '--command', client.map(quoted).join(' '), '--scenario', scenario];
    // Extensions belong to no revision.
    args.push('--spec-version', wire, '--force', '--timeout', String(clientTimeoutMs), '-o', directory);
    const end = await runGroup([...command, ...args], {
      timeoutMs,
      ...(signal ? { signal } : {}),
      ...(onOutput ? { onOutput } : {}),
    });
    const files = await readdir(directory, { recursive: true });
    const read = async (name: string): Promise<string | undefined> => {
      const file = files.find((path) => path.endsWith(name));
      return file === undefined ? undefined : await readFile(join(directory, file), 'utf8');
    };
    // What was killed while it wrote has said nothing.
    const checks = end.timedOut ? '[]' : ((await read('checks.json')) ?? '[]');
    return {
      ...end,
      checks: JSON.parse(checks) as readonly Check[],
      clientOutput: (await read('stdout.txt')) ?? '',
    };
  }
}

/** The suite splits the command at spaces, joins it again and gives it to a shell. */
function quoted(part: string): string {
  return /^[\w./:=-]+$/.test(part) ? part : `'${part.replaceAll("'", String.raw`'\''`)}'`;
}
