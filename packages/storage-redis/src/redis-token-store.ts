import { randomBytes } from 'node:crypto';
import { LimitExceededError, StoreError } from '@mcp-oauth/core';
import type {
  CallOptions,
  CompareAndSetResult,
  ListedRecord,
  ListOptions,
  RecordKey,
  StoredRecord,
  Version,
  WatchableTokenStore,
  WriteOptions,
} from '@mcp-oauth/core';
import { withinCommandTimeout } from './bounded.js';
import { Connection } from './connection.js';
import { Layout } from './layout.js';
import { listRecords } from './listing.js';
import { probe } from './probe.js';
import { decodeRecord, encodeRecord } from './record.js';
import type { RedisClient } from './redis-client.js';
import { compareAndSetScript, purgeScript } from './scripts.js';
import { Subscriber } from './subscriber.js';

export interface RedisTokenStoreOptions {
  /** A `Redis` or a `Cluster` of `ioredis` 5.9 or newer. Yours: whoever creates it closes it, after the store. */
  readonly client: RedisClient;
  /** What every key and channel begins with. Default: `mcp-oauth`. */
  readonly prefix?: string;
}

/** The 64 KiB that the port promises, and what an encrypting store around this one adds to them. */
const maxValueBytes = 65 * 1024;
/** More than 3000 years: what the server's arithmetic takes. */
const longestTtlMs = 1e14;

/** Keeps records in Redis or Valkey, for any number of processes on any number of machines. */
export class RedisTokenStore implements WatchableTokenStore {
  readonly #client: RedisClient;
  readonly #connection: Connection;
  readonly #subscriber: Subscriber;
  readonly #layout: Layout;
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  /** Sends nothing. Throws a `StoreError` if the prefix is not usable. */
  constructor({ client, prefix = 'mcp-oauth' }: RedisTokenStoreOptions) {
    this.#client = client;
    this.#layout = new Layout(prefix);
    this.#connection = new Connection(client);
    this.#subscriber = new Subscriber(client, this.#connection);
  }

  async get(key: RecordKey, { signal }: CallOptions = {}): Promise<StoredRecord | null> {
    return this.#run(signal, async () => {
      const record = this.#layout.record(key);
      const held = await this.#connection.send(withinCommandTimeout(signal), (client) =>
        client.getBuffer(record),
      );
      return decodeRecord(held, record);
    });
  }

  async compareAndSet(
    key: RecordKey,
    expected: Version | null,
    value: Uint8Array | null,
    { signal, ttlMs }: WriteOptions = {},
  ): Promise<CompareAndSetResult> {
    return this.#run(signal, async () => {
      const record = this.#layout.record(key);
      assertWritable(value, ttlMs);
      const version = randomBytes(12).toString('base64url') as Version;
      const held = await this.#connection.run(
        withinCommandTimeout(signal),
        compareAndSetScript,
        [record, this.#layout.index(key.partition), this.#layout.note(key.partition, version)],
        [
          // Nothing stands for no record, and no record has an empty version.
          expected === null ? '' : expected || 'none',
          version,
          key.id,
          this.#layout.channel(key),
          ttlMs === undefined ? '' : String(Math.min(Math.ceil(ttlMs), longestTtlMs)),
          ...(value ? [encodeRecord(version, value)] : []),
        ],
      );
      if (Array.isArray(held)) return { ok: true, version: value ? version : null };
      return { ok: false, current: decodeRecord(held, record) };
    });
  }

  async list(partition: string, options: ListOptions = {}): Promise<readonly ListedRecord[]> {
    return this.#run(options.signal, () => listRecords(this.#connection, this.#layout, partition, options));
  }

  async purge(partition: string, { signal }: CallOptions = {}): Promise<void> {
    await this.#run(signal, () =>
      this.#connection.run(
        withinCommandTimeout(signal),
        purgeScript,
        [this.#layout.index(partition)],
        [this.#layout.channels(partition)],
      ),
    );
  }

  /**
   * One connection for all watches of this store, made with the first and ended with the last. When it was lost and is
   * back, every `onChange` is called, since a change may have been missed.
   */
  async watch(
    key: RecordKey,
    onChange: () => void,
    { signal }: CallOptions = {},
  ): Promise<() => Promise<void>> {
    return this.#run(signal, () => this.#subscriber.watch(this.#layout.channel(key), onChange, signal));
  }

  /** Also rejects if the server may drop records to save memory, or if reads could go to a replica. */
  async check({ signal }: CallOptions = {}): Promise<void> {
    await this.#run(signal, () => probe(this, this.#client, this.#connection, signal));
  }

  /** Resolves when the calls in flight have ended. The client stays open. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running);
    this.#subscriber.close();
  }

  async #run<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreError('unavailable', 'The Redis token store was closed.');
    signal?.throwIfAborted();
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }
}

function assertWritable(value: Uint8Array | null, ttlMs: number | undefined): void {
  if (ttlMs !== undefined && !Number.isFinite(ttlMs)) throw new TypeError('ttlMs is not a finite number.');
  if (value && value.byteLength > maxValueBytes)
    throw new LimitExceededError('A value for the token store', `${String(maxValueBytes)} bytes`);
}
