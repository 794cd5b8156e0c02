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
  /** Who waits for the lock, in the order of their coming. Only the first tries: hundreds would use up a processor. */
  readonly #line: AbortController[] = [];
  #isClosed = false;

  constructor(place: string) {
    this.#place = place;
  }

  /** @throws {StoreError} `busy` after `giveUpMs`; the signal's reason where it aborts while waiting. */
  async run<T>(work: () => T, signal: AbortSignal | undefined, giveUpMs = GIVE_UP_MS): Promise<T> {
    const until = performance.now() + giveUpMs;
    const attempt = () => this.#attempt(work, signal, until);
    return (attempt() ?? (await this.#inLine(attempt, signal, until))).result;
  }

  close(): void {
    this.#isClosed = true;
  }

  /** `undefined`: another process holds the lock, and there is time left. */
  #attempt<T>(work: () => T, signal: AbortSignal | undefined, until: number): { result: T } | undefined {
    if (this.#isClosed) throw closed(this.#place);
    signal?.throwIfAborted();
    try {
      return { result: work() };
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw asStoreError(error, this.#place);
      return undefined;
    }
  }

  async #inLine<T>(
    attempt: () => { result: T } | undefined,
    signal: AbortSignal | undefined,
    until: number,
  ): Promise<{ result: T }> {
    const turn = new AbortController();
    this.#line.push(turn);
    try {
      if (this.#line[0] !== turn) await this.#wait(until - performance.now(), signal, turn.signal);
      for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 1.5, LONGEST_WAIT_MS)) {
        const done = attempt();
        if (done) return done;
        await this.#wait(waitMs * (0.5 + Math.random()), signal);
      }
    } finally {
      this.#line.splice(this.#line.indexOf(turn), 1);
      // Not at once: when the lock falls, timers and sockets have their turn between one commit and the next.
      setImmediate(() => this.#line[0]?.abort());
    }
  }

  /** Until the time is over, or one of the signals says that it need not be. */
  async #wait(ms: number, ...signals: readonly (AbortSignal | undefined)[]): Promise<void> {
    // A signal of its own for each wait: many listeners on one would look like a leak to the runtime.
    const any = AbortSignal.any(signals.filter((signal) => signal !== undefined));
    try {
      await sleep(Math.max(ms, 0), undefined, { signal: any });
    } catch (error) {
      // Which of them it was, and with what reason, is seen at the next attempt.
      if (!any.aborted) throw error;
    }
  }
}
