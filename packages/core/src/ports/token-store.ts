/** Where a record lies. Both parts match `[A-Za-z0-9_-]{1,128}`; they are case-sensitive. */
export interface RecordKey {
  /** All records of one owner share a partition. */
  readonly partition: string;
  readonly id: string;
}

declare const versionBrand: unique symbol;

/** Opaque, compared for equality only. A store never gives out the same version twice for one key. */
export type Version = string & { readonly [versionBrand]: true };

export interface StoredRecord {
  readonly value: Uint8Array;
  readonly version: Version;
}

export interface ListedRecord extends StoredRecord {
  readonly id: string;
}

export interface CallOptions {
  /** Gives the wait up. A write that was already sent may still take effect. */
  readonly signal?: AbortSignal;
}

export interface WriteOptions extends CallOptions {
  /**
   * Milliseconds until the record is gone, by the store's own clock. Without it the record stays, and a
   * limit that an earlier write set is lifted.
   */
  readonly ttlMs?: number;
}

export interface ListOptions extends CallOptions {
  /** Only records whose id sorts after this one, by code unit. */
  readonly after?: string;
  /** At most this many records. Without it: all. */
  readonly limit?: number;
}

export type CompareAndSetResult =
  /** `version` is what the record has now, `null` after a delete. */
  | { readonly ok: true; readonly version: Version | null }
  /** `current` is what stands there instead, `null` if nothing does. */
  | { readonly ok: false; readonly current: StoredRecord | null };

/**
 * Keeps opaque bytes, and lets any number of processes change them without losing an update.
 *
 * Everything that this library needs to be safe between processes is made of `compareAndSet`: leases,
 * take-once, create-once, fencing. So these clauses bind every implementation:
 *
 * 1. `get` is linearizable: it sees every write that resolved before it began. No reads from replicas.
 * 2. Of any number of concurrent `compareAndSet` calls with one expected version, exactly one succeeds,
 *    whichever processes or machines they come from.
 * 3. A version never repeats for a key: not after delete, expiry, purge or a new record of that key.
 * 4. A write whose reply was lost and that is sent again does not conflict with itself.
 * 5. What has resolved survives the death of the process, and the loss of power where the backend can.
 * 6. An expired record is never returned, and counts as absent for `expected: null`.
 * 7. Trouble rejects with `StoreError`, within 10 seconds. It is never answered as an absent record.
 * 8. After `purge` no record of the partition is left, and no older version can bring one back.
 * 9. Values are arbitrary bytes, from none to 64 KiB. What is longer is kept whole or rejects with
 *    `LimitExceededError`.
 * 10. A call whose signal is aborted already rejects with the signal's reason, and does nothing.
 * 11. After `close` every call rejects with `StoreError`.
 */
export interface TokenStore {
  /** The record, or `null` where there is none. */
  get(key: RecordKey, options?: CallOptions): Promise<StoredRecord | null>;

  /**
   * Writes `value` if the record still has the `expected` version (`null`: if there is no record), as one
   * atomic step. A `null` value deletes the record.
   */
  compareAndSet(
    key: RecordKey,
    expected: Version | null,
    value: Uint8Array | null,
    options?: WriteOptions,
  ): Promise<CompareAndSetResult>;

  /** The live records of one partition, sorted by id in code unit order. Cost grows with that partition alone. */
  list(partition: string, options?: ListOptions): Promise<readonly ListedRecord[]>;

  /** Removes every record of the partition. */
  purge(partition: string, options?: CallOptions): Promise<void>;

  /** Rejects with a `StoreError` that says what is wrong and what to change, if the store can't keep this contract. */
  check(options?: CallOptions): Promise<void>;

  /** Releases what the store itself opened. May be called twice. */
  close(): Promise<void>;
}

/** A store that can tell of changes, so that waiting costs no reads. */
export interface WatchableTokenStore extends TokenStore {
  /**
   * Calls `onChange` soon after each change of the record, by whichever process. It is a hint: a call may be missed,
   * come late or come without a change, so that whoever waits also looks by itself, seldom.
   *
   * @returns what ends the watch. Resolves when changes from now on are seen.
   */
  watch(key: RecordKey, onChange: () => void, options?: CallOptions): Promise<() => Promise<void>>;
}
