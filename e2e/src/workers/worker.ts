import process from 'node:process';
import type { ParentMessage, WorkerMessage } from './protocol.js';

export interface WorkerChannel {
  /** To the parent, as JSON. */
  send(value: unknown): void;
  /** The next message of the parent, in the order in which they were sent. */
  receive(): Promise<unknown>;
}

/**
 * Makes this process a worker of `runWorkers`: waits for its input, works, and sends the result.
 * After that it lets go of the parent and ends by itself, if nothing else keeps it alive. It dies with its parent.
 */
export function runWorker(work: (input: unknown, channel: WorkerChannel) => Promise<unknown>): void {
  const received: unknown[] = [];
  const waiting: ((value: unknown) => void)[] = [];
  const dieWithParent = () => process.exit(1);
  const tell = (message: WorkerMessage) =>
    new Promise<void>((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
  const channel: WorkerChannel = {
    send: (value) => void tell({ kind: 'message', value }),
    receive: () =>
      received.length > 0
        ? Promise.resolve(received.shift())
        : new Promise((resolve) => {
            waiting.push(resolve);
          }),
  };
  const start = async (input: unknown) => {
    try {
      await tell({ kind: 'result', value: (await work(input, channel)) ?? null });
    } catch (error) {
      await tell({ kind: 'failure', stack: error instanceof Error ? String(error.stack) : String(error) });
      process.exitCode = 1;
    }
    process.off('disconnect', dieWithParent);
    if (process.connected) process.disconnect();
  };
  process.on('disconnect', dieWithParent);
  process.on('message', (message) => {
    const told = message as ParentMessage;
    if (told.kind === 'start') void start(told.input);
    else {
      const next = waiting.shift();
      if (next) next(told.value);
      else received.push(told.value);
    }
  });
}
