import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ParentMessage, WorkerMessage } from './protocol.js';

export interface WorkerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface WorkerStart {
  readonly module: string | URL;
  readonly index: number;
  readonly input: unknown;
  readonly env: Readonly<Record<string, string>>;
  readonly execArgv: readonly string[];
  readonly ownMounts: boolean;
}

const keptOutput = 64 * 1024; // characters

/** A child process that runs a module which calls `runWorker`. */
export class WorkerProcess {
  readonly index: number;
  /** Resolves when the process is gone. */
  readonly exited: Promise<WorkerExit>;
  readonly #child: ChildProcess;
  readonly #result: Promise<unknown>;
  readonly #received: unknown[] = [];
  readonly #waiting: { resolve: (value: unknown) => void; reject: (reason: Error) => void }[] = [];
  #gone: Error | undefined;
  #output = '';

  constructor({ module, index, input, env, execArgv, ownMounts }: WorkerStart) {
    this.index = index;
    this.#child = fork(module instanceof URL ? fileURLToPath(module) : module, {
      env: { ...process.env, ...env },
      ...(ownMounts ? { execPath: 'unshare' } : {}),
      execArgv: [...(ownMounts ? ['--mount', process.execPath] : []), ...execArgv],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.#output = (this.#output + chunk).slice(-keptOutput);
      });
    }
    // `close` comes after everything that was printed has been read; `exit` may come before.
    this.exited = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => resolve({ code, signal }));
    });
    this.#result = this.#settle();
    // Nobody has to ask for the result of a worker that is killed on purpose.
    this.#result.catch(() => undefined);
    this.#tell({ kind: 'start', input });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** What it has printed, the last part of it if that is long. */
  get output(): string {
    return this.#output;
  }

  /** What the work returned. Rejects if it threw, or if the process ended before. */
  result(): Promise<unknown> {
    return this.#result;
  }

  send(value: unknown): void {
    this.#tell({ kind: 'message', value });
  }

  /** The next message that it sends. Rejects if the process ends before. */
  next(): Promise<unknown> {
    if (this.#received.length > 0) return Promise.resolve(this.#received.shift());
    if (this.#gone) return Promise.reject(this.#gone);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGTERM' | 'SIGINT'): void {
    this.#child.kill(name);
  }

  /** `kill -9`. Resolves when the process is gone. */
  async kill(): Promise<WorkerExit> {
    this.#child.kill('SIGKILL');
    return this.exited;
  }

  #tell(message: ParentMessage): void {
    // A worker that is gone shows in `result` and `exited`.
    this.#child.send(message, () => undefined);
  }

  #settle(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#child.on('message', (message) => {
        const told = message as WorkerMessage;
        if (told.kind === 'result') resolve(told.value);
        else if (told.kind === 'failure') reject(new Error(`Worker ${this.index} failed: ${told.stack}`));
        else this.#take(told.value);
      });
      void this.exited.then(({ code, signal }) => {
        const how = signal === null ? `with exit code ${String(code)}` : `by ${signal}`;
        this.#gone = new Error(
          `Worker ${this.index} ended ${how}. It printed: ${this.#output.slice(-2_000)}`,
        );
        reject(this.#gone);
        for (const waiter of this.#waiting.splice(0)) waiter.reject(this.#gone);
      });
    });
  }

  #take(value: unknown): void {
    const waiter = this.#waiting.shift();
    if (waiter) waiter.resolve(value);
    else this.#received.push(value);
  }
}
