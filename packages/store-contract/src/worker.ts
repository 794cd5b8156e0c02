import process from 'node:process';
import type { TokenStore } from '@mcp-oauth/core';
import { ContractViolation } from './violation.js';
import type { Command, CommandChannel } from './worker/command.js';
import { commands } from './worker/commands.js';
import type { FromWorker, ToWorker } from './worker/protocol.js';

/**
 * Makes this process a worker of the contract: it opens the store and does with it what the cases tell it to. The module
 * that a harness names as its `worker` calls this, and does nothing else.
 *
 * @param open Opens the storage that the harness opens. `args` are the harness's `worker.args`.
 */
export function serveStoreWorker(open: (args: readonly string[]) => Promise<TokenStore>): void {
  const tell = (message: FromWorker) =>
    new Promise<void>((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
  const running = new Map<number, Inbox>();
  // Whoever started this process is gone, and nobody would end it.
  process.on('disconnect', () => process.exit(1));
  const opening = open(process.argv.slice(2));
  void opening.then(
    () => tell({ kind: 'ready' }),
    (error: unknown) => tell({ kind: 'failure', id: null, ...toldError(error) }),
  );
  const run = async (id: number, name: string, input: unknown) => {
    const inbox = new Inbox();
    running.set(id, inbox);
    const channel: CommandChannel = {
      send: (value) => tell({ kind: 'message', id, value }),
      receive: () => inbox.next(),
    };
    try {
      const command = await commandNamed(name);
      const value = (await command(await opening, input as never, channel)) ?? null;
      await tell({ kind: 'result', id, value });
    } catch (error) {
      await tell({ kind: 'failure', id, ...toldError(error) });
    } finally {
      running.delete(id);
    }
  };
  process.on('message', (message) => {
    const told = message as ToWorker;
    if (told.kind === 'command') void run(told.id, told.name, told.input);
    else running.get(told.id)?.push(told.value);
  });
}

function commandNamed(name: string): Promise<Command> {
  const load = commands[name];
  if (!load)
    throw new Error(`This worker is of another version of the contract: it knows no command ${name}.`);
  return load();
}

function toldError(error: unknown): { message: string; code: string | null; isViolation: boolean } {
  const isViolation = error instanceof ContractViolation;
  if (typeof error !== 'object' || error === null) return { message: String(error), code: null, isViolation };
  const code = 'code' in error ? String(error.code) : null;
  const message = 'message' in error ? String(error.message) : 'an error without a message';
  return { message, code, isViolation };
}

/** Messages in the order in which they came, for whoever asks. */
class Inbox {
  readonly #received: unknown[] = [];
  readonly #waiting: ((value: unknown) => void)[] = [];

  push(value: unknown): void {
    const next = this.#waiting.shift();
    if (next) next(value);
    else this.#received.push(value);
  }

  next(): Promise<unknown> {
    if (this.#received.length > 0) return Promise.resolve(this.#received.shift());
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
