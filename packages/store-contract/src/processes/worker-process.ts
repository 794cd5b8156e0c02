import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { WorkerModule } from '../harness.js';
import { ContractViolation } from '../violation.js';
import type { FromWorker, ToWorker } from '../worker/protocol.js';

const KEPT_OUTPUT = 8 * 1024; // characters

/** The command of a worker failed there. `code` is that of the error. */
export class WorkerFailure extends Error {
  override readonly name = 'WorkerFailure';
  readonly code: string | null;

  constructor(message: string, code: string | null = null) {
    super(message);
    this.code = code;
  }
}

/** A command that a worker is at. */
export interface RunningCommand {
  /** What it returned. Rejects with a `WorkerFailure`, also if the process ends before, or with a `ContractViolation` seen there. */
  readonly result: Promise<unknown>;
  /** The next message that it sends. Rejects if it ends before. */
  next(): Promise<unknown>;
  send(value: unknown): void;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly received: unknown[];
  readonly waiting: { resolve: (value: unknown) => void; reject: (error: Error) => void }[];
}

/** A process of its own that has opened the store. */
export class WorkerProcess {
  /** Resolves when it has opened the store. */
  readonly ready: Promise<void>;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #pending = new Map<number, Pending>();
  #gone: WorkerFailure | undefined;
  #output = '';
  #commands = 0;

  constructor({ module, args = [] }: WorkerModule) {
    const path = module instanceof URL || module.startsWith('file:') ? fileURLToPath(module) : module;
    // Options of the runner, such as its loaders, are not the worker's.
    this.#child = fork(path, [...args], { execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.#output = (this.#output + chunk).slice(-KEPT_OUTPUT);
      });
    }
    this.#exited = new Promise((resolve) => this.#child.once('close', () => resolve()));
    this.ready = new Promise((resolve, reject) => {
      this.#child.on('message', (message) => this.#take(message as FromWorker, resolve, reject));
      void this.#exited.then(() => {
        this.#end();
        reject(this.#gone ?? new WorkerFailure('The worker process ended.'));
      });
    });
    // Nobody has to wait for a worker that is killed at once.
    this.ready.catch(() => undefined);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  run(name: string, input: unknown): RunningCommand {
    const id = ++this.#commands;
    const received: unknown[] = [];
    const waiting: Pending['waiting'] = [];
    const result = new Promise<unknown>((resolve, reject) => {
      if (this.#gone) reject(this.#gone);
      else this.#pending.set(id, { resolve, reject, received, waiting });
    });
    result.catch(() => undefined);
    this.#tell({ kind: 'command', id, name, input });
    return {
      result,
      send: (value) => {
        this.#tell({ kind: 'message', id, value });
      },
      next: () => {
        if (received.length > 0) return Promise.resolve(received.shift());
        if (!this.#pending.has(id))
          return Promise.reject(this.#gone ?? new WorkerFailure('The command has ended.'));
        return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
      },
    };
  }

  /** What to say if it is still opening the store. */
  lateFailure(): WorkerFailure {
    return new WorkerFailure(
      `The worker process has not opened the store. Its module calls serveStoreWorker. It printed: ${this.#output || 'nothing'}`,
    );
  }

  stop(): void {
    this.#child.kill('SIGSTOP');
  }

  continue(): void {
    this.#child.kill('SIGCONT');
  }

  /** `kill -9`. Resolves when the process is gone. May be called twice. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  #tell(message: ToWorker): void {
    // That the process is gone shows in the result of the command.
    this.#child.send(message, () => undefined);
  }

  #take(message: FromWorker, ready: () => void, failed: (error: Error) => void): void {
    if (message.kind === 'ready') {
      ready();
      return;
    }
    if (message.kind === 'failure' && message.id === null) {
      failed(new WorkerFailure(`The worker could not open the store: ${message.message}`, message.code));
      return;
    }
    const pending = this.#pending.get(message.id ?? -1);
    if (!pending) return;
    if (message.kind === 'message') {
      const waiter = pending.waiting.shift();
      if (waiter) waiter.resolve(message.value);
      else pending.received.push(message.value);
      return;
    }
    this.#pending.delete(message.id ?? -1);
    if (message.kind === 'result') pending.resolve(message.value);
    else if (message.isViolation) pending.reject(new ContractViolation(message.message));
    else pending.reject(new WorkerFailure(message.message, message.code));
    for (const waiter of pending.waiting) waiter.reject(new WorkerFailure('The command has ended.'));
  }

  #end(): void {
    this.#gone = new WorkerFailure(`The worker process ended. It printed: ${this.#output || 'nothing'}`);
    for (const { reject, waiting } of this.#pending.values()) {
      reject(this.#gone);
      for (const waiter of waiting) waiter.reject(this.#gone);
    }
    this.#pending.clear();
  }
}
