import { randomUUID, timingSafeEqual } from 'node:crypto';
import { isWatchable, LimitExceededError, StoreError } from '@mcp-oauth/core';
import type {
  CallOptions,
  CompareAndSetResult,
  ListedRecord,
  ListOptions,
  RecordKey,
  StoredRecord,
  TokenStore,
  Version,
  WatchableTokenStore,
  WriteOptions,
} from '@mcp-oauth/core';
import { openEnvelope, parseEnvelope, sealEnvelope } from './envelope.js';
import { notEncrypted, tampered, wrongKey } from './failures.js';
import { ownPartition } from './key-register.js';
import type { KeyRing, KeySource } from './key-ring.js';
import { KeysInUse } from './keys-in-use.js';
import { reencryptPartition } from './reencryption.js';

const maxValueBytes = 64 * 1024;
const probeTtlMs = 60_000;

/** A token store whose values are encrypted before another store keeps them. Made by `encrypted`. */
export class EncryptedTokenStore implements TokenStore {
  readonly #inner: TokenStore;
  readonly #keys: KeysInUse;
  #closed = false;

  constructor(inner: TokenStore, keys: KeyRing | KeySource) {
    this.#inner = inner;
    this.#keys = new KeysInUse(keys, inner);
  }

  async get(key: RecordKey, options: CallOptions = {}): Promise<StoredRecord | null> {
    this.#assertUsable(options);
    return this.#decrypted(key, await this.#inner.get(key, options), options);
  }

  async compareAndSet(
    key: RecordKey,
    expected: Version | null,
    value: Uint8Array | null,
    options: WriteOptions = {},
  ): Promise<CompareAndSetResult> {
    this.#assertUsable(options);
    const sealed = value && (await this.#encrypted(key, value, options));
    const result = await this.#inner.compareAndSet(key, expected, sealed, options);
    if (result.ok) return result;
    return { ok: false, current: await this.#decrypted(key, result.current, options) };
  }

  async list(partition: string, options: ListOptions = {}): Promise<readonly ListedRecord[]> {
    this.#assertUsable(options);
    const records: ListedRecord[] = [];
    for (const record of await this.#inner.list(partition, options)) {
      const { id, version } = record;
      records.push({ id, version, value: await this.#opened({ partition, id }, record, options) });
    }
    return records;
  }

  async purge(partition: string, options: CallOptions = {}): Promise<void> {
    this.#assertUsable(options);
    await this.#inner.purge(partition, options);
  }

  /** Checks the store below, that the keys can be had, and that what is written can be read. */
  async check(options: CallOptions = {}): Promise<void> {
    this.#assertUsable(options);
    await this.#inner.check(options);
    const key = { partition: ownPartition, id: `probe-${randomUUID()}` };
    const written = await this.compareAndSet(key, null, new Uint8Array(maxValueBytes), {
      ...options,
      ttlMs: probeTtlMs,
    });
    const found = await this.get(key, options);
    if (!written.ok || found?.version !== written.version)
      throw new StoreError(
        'misconfigured',
        'The store below the encryption does not keep what is written to it.',
      );
    await this.compareAndSet(key, found.version, null, options);
  }

  /**
   * Writes the records of a partition that an older key encrypted again, with the newest. Whoever writes to them
   * meanwhile loses nothing, and their time to live stays as it was. Records that can't be read are left as they are;
   * the first of them rejects at the end.
   *
   * @returns how many were written.
   */
  async reencrypt(partition: string, options: CallOptions = {}): Promise<number> {
    this.#assertUsable(options);
    await this.#keys.reload(options.signal);
    const newest = await this.#keys.newest(options.signal);
    return reencryptPartition(this.#inner, partition, newest, {
      ...options,
      open: (key, record) => this.#opened(key, record, options),
    });
  }

  /** Closes the store below. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#inner.close();
  }

  async #encrypted(key: RecordKey, value: Uint8Array, { signal, ttlMs }: WriteOptions): Promise<Uint8Array> {
    if (value.byteLength > maxValueBytes)
      throw new LimitExceededError('A value for the token store', `${maxValueBytes} bytes`);
    // While the keys come, the caller may go on to use the bytes for something else.
    const given = new Uint8Array(value);
    const newest = await this.#keys.newest(signal);
    return sealEnvelope(key, newest, given, ttlMs === undefined ? null : Date.now() + ttlMs);
  }

  async #decrypted(
    key: RecordKey,
    record: StoredRecord | null,
    options: CallOptions,
  ): Promise<StoredRecord | null> {
    return record && { version: record.version, value: await this.#opened(key, record, options) };
  }

  async #opened(
    at: RecordKey,
    { value, version }: StoredRecord,
    { signal }: CallOptions,
  ): Promise<Uint8Array> {
    const envelope = parseEnvelope(value);
    if (!envelope) throw notEncrypted(at, version);
    const key = await this.#keys.find(envelope.keyId, signal);
    if (!timingSafeEqual(key.check, envelope.check)) throw wrongKey(envelope.keyId);
    const opened = openEnvelope(at, key, envelope);
    if (!opened) throw tampered(at, version);
    return opened;
  }

  #assertUsable({ signal }: CallOptions): void {
    if (this.#closed) throw new StoreError('unavailable', 'The encrypted token store was closed.');
    signal?.throwIfAborted();
  }
}

class WatchableEncryptedTokenStore extends EncryptedTokenStore implements WatchableTokenStore {
  readonly #watched: WatchableTokenStore;

  constructor(inner: WatchableTokenStore, keys: KeyRing | KeySource) {
    super(inner, keys);
    this.#watched = inner;
  }

  watch(key: RecordKey, onChange: () => void, options?: CallOptions): Promise<() => Promise<void>> {
    return this.#watched.watch(key, onChange, options);
  }
}

/**
 * Encrypts what `store` keeps, with XAES-256-GCM: whoever reads the store learns no token, and whoever writes to it
 * can neither make a record nor move one to another place. The result closes `store`, and can watch if `store` can.
 *
 * It takes values of up to 64 KiB and adds at most 122 bytes to each.
 */
export function encrypted(
  store: WatchableTokenStore,
  keys: KeyRing | KeySource,
): EncryptedTokenStore & WatchableTokenStore;
export function encrypted(store: TokenStore, keys: KeyRing | KeySource): EncryptedTokenStore;
export function encrypted(store: TokenStore, keys: KeyRing | KeySource): EncryptedTokenStore {
  return isWatchable(store)
    ? new WatchableEncryptedTokenStore(store, keys)
    : new EncryptedTokenStore(store, keys);
}
