import { StoreError, TransientError } from '../errors.js';
import type { RecordKey, StoredRecord, TokenStore, Version } from '../ports/token-store.js';
import { sleep } from '../time/sleep.js';
import type { Credentials } from './credentials.js';
import { decodeCredentials, encodeCredentials } from './credentials-codec.js';
import { RecordChanges } from '../record/record-changes.js';

/** A record without a grant is a login that nobody finished: it goes away by itself, once that may not be any more. */
const UNFINISHED_TTL_MS = 15 * 60_000;
const MAX_CHANGES = 100;

export interface StoredCredentials {
  readonly credentials: Credentials;
  readonly version: Version;
}

export type PutResult =
  | { readonly ok: true; readonly stored: StoredCredentials | null }
  | { readonly ok: false; readonly stored: StoredCredentials | null };

/** Reads and changes the one record of a session key. */
export class CredentialsRepository {
  readonly #store: TokenStore;
  readonly #key: RecordKey;

  constructor(store: TokenStore, key: RecordKey) {
    this.#store = store;
    this.#key = key;
  }

  async get(): Promise<StoredCredentials | null> {
    return decoded(await this.#store.get(this.#key));
  }

  /** For whoever waits for another process. To be ended. */
  changes(): RecordChanges {
    return new RecordChanges(this.#store, this.#key);
  }

  /** Writes over exactly what was read, or says what stands there now. `null` deletes. */
  async put(over: StoredCredentials | null, credentials: Credentials | null): Promise<PutResult> {
    const options = credentials && !credentials.grant ? { ttlMs: unfinishedTtlMs(credentials) } : {};
    const value = credentials && encodeCredentials(credentials);
    const result = await this.#store.compareAndSet(this.#key, over?.version ?? null, value, options);
    if (!result.ok) return { ok: false, stored: decoded(result.current) };
    return {
      ok: true,
      stored: credentials && result.version !== null ? { credentials, version: result.version } : null,
    };
  }

  /** Removes whatever stands there, readable or not. */
  async erase(): Promise<void> {
    let version = await versionIn(this.#store.get(this.#key));
    for (let tries = 1; version && tries <= MAX_CHANGES; tries++) {
      const deleting = this.#store.compareAndSet(this.#key, version, null);
      version = await versionIn(deleting.then((result) => (result.ok ? null : result.current)));
    }
    if (version) throw tooContended();
  }

  /**
   * Changes whatever stands there, again where somebody else was faster. `undefined` from `change` leaves it as it is.
   * Resolves with what stands there afterwards.
   */
  async change(
    change: (current: Credentials | null) => Credentials | null | undefined,
  ): Promise<StoredCredentials | null> {
    let current = await this.get();
    for (let tries = 1; tries <= MAX_CHANGES; tries++) {
      const next = change(current?.credentials ?? null);
      if (next === undefined || (next === null && current === null)) return current;
      const result = await this.put(current, next);
      current = result.stored;
      if (result.ok) return current;
      await sleep(Math.random() * Math.min(5 * tries, 100));
    }
    throw tooContended();
  }
}

function unfinishedTtlMs({ login }: Credentials): number {
  return UNFINISHED_TTL_MS + (login?.lengthMs ?? 0);
}

function decoded(
  record: { readonly value: Uint8Array; readonly version: Version } | null,
): StoredCredentials | null {
  return record && { credentials: decodeCredentials(record.value), version: record.version };
}

/** The version of a record, also of one that its store can't read. */
async function versionIn(reading: Promise<StoredRecord | null>): Promise<Version | undefined> {
  try {
    return (await reading)?.version;
  } catch (error) {
    if (error instanceof StoreError && error.version !== undefined) return error.version;
    throw error;
  }
}

function tooContended(): TransientError {
  return new TransientError('The credentials record is changed by others all the time. Try again.');
}
