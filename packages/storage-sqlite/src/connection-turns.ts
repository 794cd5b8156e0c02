import { setTimeout as sleep } from 'node:timers/promises';
import { asStoreError, closed, isBusy } from './failures.js';

const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 25;
const GIVE_UP_MS = 5_000;

/**
 * Runs work on a connection, again where another process holds the lock. The driver itself would wait with the event
 * loop standing still.
 */
export class ConnectionTurns {
  readonly #place: string;
  readonly #closing = new AbortController();

  constructor(place: string) {
    this.#place = place;
  }

  /** @throws {StoreError} `busy` after `giveUpMs`; the signal's reason where it aborts while waiting. */
  async run<T>(work: () => T, signal: AbortSignal | undefined, giveUpMs = GIVE_UP_MS): Promise<T> {
    const until = performance.now() + giveUpMs;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 1.5, LONGEST_WAIT_MS)) {
      if (this.#closing.signal.aborted) throw closed(this.#place);
      signal?.throwIfAborted();
      try {
        return work();
      } catch (error) {
        if (!isBusy(error) || performance.now() > until) throw asStoreError(error, this.#place);
      }
      await this.#wait(waitMs * (0.5 + Math.random()), signal);
    }
  }

  close(): void {
    this.#closing.abort();
  }

  async #wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const closing = this.#closing.signal;
    // A signal of its own for each wait: many listeners on one would look like a leak to the runtime.
    const either = AbortSignal.any(signal ? [signal, closing] : [closing]);
    try {
      await sleep(ms, undefined, { signal: either });
    } catch (error) {
      // Which of the two it was, and with what reason, is seen at the next turn.
      if (!either.aborted) throw error;
    }
  }
}
