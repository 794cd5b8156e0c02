import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { execPath } from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BrokenClaimError } from './narrator.js';

export interface WindowSettings {
  readonly name: string;
  readonly args: readonly string[];
  /** Each line that it prints. */
  readonly onLine: (line: string) => void;
  /** Shows a page to the person; without it the window opens the browser of the system. */
  readonly onOpen?: ((url: URL) => void) | undefined;
}

const program = fileURLToPath(new URL('../window.js', import.meta.url));
/** For what is under way to be stored; the client of a window gives it 10 s. */
const CLOSE_LIMIT_MS = 12_000;

/** One window of the application, in a process of its own. */
export class WindowProcess {
  readonly name: string;
  /** Resolves with its exit code when it is gone and its output is read. */
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #onLine: (line: string) => void;
  #isGone = false;
  #answer: { resolve: (text: string) => void; reject: (error: Error) => void } | undefined;

  constructor({ name, args, onLine, onOpen }: WindowSettings) {
    this.name = name;
    this.#onLine = onLine;
    this.#child = spawn(execPath, [program, ...args, ...(onOpen ? ['--browser-of-parent'] : [])], {
      // Where it may have to ask at the terminal, it gets it as stderr; by the channel it learns that we are gone.
      stdio: ['pipe', 'pipe', onOpen ? 'pipe' : 'inherit', 'ipc'],
    });
    if (onOpen) this.#child.on('message', (message) => onOpen(new URL((message as { open: string }).open)));
    for (const stream of [this.#child.stdout, this.#child.stderr])
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#take(line));
    // A window that is gone shows in `ended`.
    this.#child.stdin?.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        this.#isGone = true;
        this.#answer?.reject(this.#gone());
        resolve(code);
      });
    });
  }

  /** Types a command. Resolves with what the window says about it. Rejects if it says that it can't. */
  command(text: string): Promise<string> {
    this.#onLine(`> ${text}`);
    if (this.#isGone) return Promise.reject(this.#gone());
    return new Promise((resolve, reject) => {
      this.#answer = { resolve, reject };
      this.#child.stdin?.write(`${text}\n`);
    });
  }

  /** Closes the window, and kills it if it does not close. */
  async close(): Promise<number | null> {
    this.#child.stdin?.end('quit\n');
    return await this.#end();
  }

  /** Ends also what it is doing. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#end();
  }

  #gone(): BrokenClaimError {
    return new BrokenClaimError(`${this.name} has ended before its time.`);
  }

  async #end(): Promise<number | null> {
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), CLOSE_LIMIT_MS);
    const code = await this.ended;
    clearTimeout(kill);
    return code;
  }

  #take(line: string): void {
    this.#onLine(line);
    const text = line.slice(2);
    if (line.startsWith('✓ ')) this.#answer?.resolve(text);
    if (line.startsWith('✗ ')) this.#answer?.reject(new BrokenClaimError(`${this.name}: ${text}`));
  }
}
