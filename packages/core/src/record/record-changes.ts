import { StoreError } from '../errors.js';
import type { RecordKey, TokenStore } from '../ports/token-store.js';
import { isWatchable } from './store-trouble.js';
import { sleep } from '../time/sleep.js';

export interface Pauses {
  /** Where the store tells of nothing. */
  readonly pollMs: number;
  /** Where it does: a hint may be lost, so that even whoever is told looks by itself. */
  readonly watchedMs: number;
  readonly signal?: AbortSignal;
}

/** Waits for changes of one record: told by the store where it can, else by coming back after a while. */
export class RecordChanges {
  readonly #store: TokenStore;
  readonly #key: RecordKey;
  #unwatch: Promise<(() => Promise<void>) | undefined> | undefined;
  #woken = new AbortController();

  constructor(store: TokenStore, key: RecordKey) {
    this.#store = store;
    this.#key = key;
  }

  /**
   * Resolves when it is worth to read the record again: after a change, or after a pause. A change since the last call
   * counts. The result is how many milliseconds too late the timer was, 0 after a change.
   */
  async next({ pollMs, watchedMs, signal }: Pauses): Promise<number> {
    const isWatched = (await this.#watch()) !== undefined;
    const woken = this.#woken.signal;
    const either = signal ? AbortSignal.any([signal, woken]) : woken;
    try {
      return await sleep(isWatched ? watchedMs : pollMs, { signal: either });
    } catch (error) {
      if (!woken.aborted || signal?.aborted) throw error;
      return 0;
    } finally {
      if (woken.aborted) this.#woken = new AbortController();
    }
  }

  /** Ends the watch, in the background: nobody's token has to wait for it. */
  end(): void {
    const unwatch = this.#unwatch;
    this.#unwatch = undefined;
    unwatch?.then((end) => end?.()).catch(ignoreStoreTrouble);
  }

  #watch(): Promise<(() => Promise<void>) | undefined> {
    const store = this.#store;
    if (!isWatchable(store)) return Promise.resolve(undefined);
    this.#unwatch ??= store
      .watch(this.#key, () => {
        this.#woken.abort();
      })
      .catch((error: unknown) => {
        ignoreStoreTrouble(error);
        return undefined;
      });
    return this.#unwatch;
  }
}

/** Without a watch there is still the poll, whose read tells of a store that fails. */
function ignoreStoreTrouble(error: unknown): void {
  if (!(error instanceof StoreError)) throw error;
}
