import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const program = join(process.cwd(), 'examples/desktop/dist/window.js');
const LIMIT_MS = 30_000;

export interface TestWindowOptions {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** What the person does with a page. */
  readonly onOpen: (url: URL) => void;
}

/** A window whose keyboard and browser are the test's. */
export class TestWindow {
  readonly child: ChildProcess;
  /** Resolves with its exit code, or the signal that killed it. */
  readonly ended: Promise<number | string | null>;
  #output = '';
  #hasEnded = false;
  readonly #listeners = new Set<() => void>();

  constructor({ args, env, onOpen }: TestWindowOptions) {
    this.child = spawn(process.execPath, [program, ...args, '--browser-of-parent'], {
      env,
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    });
    this.child.on('message', (message) => onOpen(new URL((message as { open: string }).open)));
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        this.#output += chunk;
        this.#notify();
      });
    this.child.stdin!.on('error', () => {});
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        this.#hasEnded = true;
        resolve(signal ?? code);
        this.#notify();
      });
    });
  }

  /** Everything printed so far, both streams. */
  get output(): string {
    return this.#output;
  }

  /** Types a command. Resolves with the line that tells what became of it, its mark included. */
  async command(text: string): Promise<string> {
    const from = this.#output.length;
    this.child.stdin!.write(`${text}\n`);
    return await this.said(/^[✓✗] .*(?=\n)/m, from);
  }

  /** The first match of `pattern` in what is printed from `from` on. */
  async said(pattern: RegExp, from = 0): Promise<string> {
    const limit = Date.now() + LIMIT_MS;
    for (;;) {
      const found = pattern.exec(this.#output.slice(from));
      if (found) return found[0];
      if (this.#hasEnded || Date.now() > limit)
        throw new Error(`The window did not say ${String(pattern)}. It printed:\n${this.#output}`);
      await this.#news();
    }
  }

  async quit(): Promise<number | string | null> {
    this.child.stdin!.end('quit\n');
    return await this.ended;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(done);
        resolve();
      };
      const timer = setTimeout(done, 1_000);
      this.#listeners.add(done);
    });
  }
}
