import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidConfigError, StoreError } from '@mcp-oauth/core';
import type { TokenStore } from '@mcp-oauth/core';
import { kindOf, unknownKey } from './failures.js';
import { KeyRing } from './key-ring.js';
import type { KeySource, RingKey } from './key-ring.js';

/** How long a call waits for keys. A person who is asked to unlock a keychain may answer later: the next call gets them. */
const waitMs = 8_000;
/** So that many unreadable records do not become as many calls of a key service. */
const reloadPauseMs = 1_000;

/** The keys of one encrypted store: loaded when first needed, once for all who wait, and again after a failure. */
export class KeysInUse {
  readonly #load: (() => Promise<KeyRing>) | undefined;
  #ring: KeyRing | undefined;
  #loading: Promise<KeyRing> | undefined;
  #loadedAt = -Infinity;

  constructor(keys: KeyRing | KeySource, store: TokenStore) {
    if (keys instanceof KeyRing) this.#ring = keys;
    else this.#load = () => loadFrom(keys, store);
  }

  async newest(signal: AbortSignal | undefined): Promise<RingKey> {
    return (await this.#current(signal)).newest;
  }

  /** Rejects with `key_unavailable` if there is no such key, not in the source either. */
  async find(id: string, signal: AbortSignal | undefined): Promise<RingKey> {
    const ring = await this.#current(signal);
    const key = ring.find(id);
    if (key) return key;
    if (performance.now() - this.#loadedAt > reloadPauseMs) await this.reload(signal);
    const found = this.#ring?.find(id);
    if (!found) throw unknownKey(id, (this.#ring ?? ring).ids);
    return found;
  }

  /** Asks the source once more, for keys that were added since. */
  async reload(signal: AbortSignal | undefined): Promise<void> {
    if (this.#load) await withinLimit(this.#singleFlight(this.#load), signal);
  }

  async #current(signal: AbortSignal | undefined): Promise<KeyRing> {
    if (this.#ring) return this.#ring;
    if (!this.#load) throw new TypeError('There is neither a key ring nor a key source.');
    return withinLimit(this.#singleFlight(this.#load), signal);
  }

  #singleFlight(load: () => Promise<KeyRing>): Promise<KeyRing> {
    this.#loading ??= load()
      .then((ring) => (this.#ring = ring))
      .finally(() => {
        this.#loadedAt = performance.now();
        this.#loading = undefined;
      });
    return this.#loading;
  }
}

async function loadFrom(source: KeySource, store: TokenStore): Promise<KeyRing> {
  try {
    const ring: unknown = await source.load(store);
    if (ring instanceof KeyRing) return ring;
  } catch (error) {
    if (error instanceof StoreError) throw error;
    if (error instanceof InvalidConfigError) throw new StoreError('misconfigured', error.message);
    // Whatever a source of the host throws. Its message may quote a key, so that no word of it is passed on.
    throw new StoreError(
      'key_unavailable',
      `The keys of the token store could not be loaded: their source failed (${kindOf(error)}). No stored record ` +
        'was lost. Call its load() alone to see why.',
    );
  }
  throw new StoreError(
    'misconfigured',
    'The source of the keys of the token store gave no key ring. Let its load() return keyRing([…]).',
  );
}

async function withinLimit<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const ended = new AbortController();
  const waits: Promise<T>[] = [work, tooLate(ended.signal)];
  if (signal) waits.push(givenUp(signal, ended.signal));
  try {
    return await Promise.race(waits);
  } finally {
    ended.abort();
  }
}

async function tooLate(ended: AbortSignal): Promise<never> {
  await sleep(waitMs, undefined, { signal: ended });
  throw new StoreError(
    'key_unavailable',
    `The keys of the token store did not come within ${waitMs / 1000} s. If a prompt to unlock the keychain is ` +
      'open, answer it; if the keys come from a service, look whether it can be reached. Then try again.',
  );
}

async function givenUp(signal: AbortSignal, ended: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort', { signal: ended });
  throw signal.reason;
}
