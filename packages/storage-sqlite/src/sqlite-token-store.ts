import { randomBytes } from 'node:crypto';
import { LimitExceededError, StoreError } from '@mcp-oauth/core';
import type {
  CallOptions,
  CompareAndSetResult,
  ListedRecord,
  ListOptions,
  RecordKey,
  StoredRecord,
  TokenStore,
  Version,
  WriteOptions,
} from '@mcp-oauth/core';
import { ConnectionTurns } from './connection-turns.js';
import { assertClosedToOthers, FileInPlace } from './database-file.js';
import { HeldUpError, sqliteCode } from './failures.js';
import { RecordTable } from './record-table.js';
import type { RecordRow } from './record-table.js';
import { assertSettings, prepareDatabase } from './schema.js';
import { emptyLog, fileOf } from './sqlite-database.js';
import type { SqliteDatabase } from './sqlite-database.js';

export interface SqliteTokenStoreOptions {
  /**
   * A connection for this store alone, to a database of its own: a `Database` of better-sqlite3, or a `DatabaseSync` of
   * `node:sqlite`. Its settings are changed. `close` leaves it open: who opened it closes it.
   */
  readonly database: SqliteDatabase;
  /** Unix time in milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/** The 64 KiB that the port promises, and what an encrypting store around this one adds to them. */
const MAX_VALUE_BYTES = 65 * 1024;
const WRITES_PER_SWEEP = 100;
const EMPTYING_MS = 1_000;
const keyPart = /^[A-Za-z0-9_-]{1,128}$/;

/**
 * Keeps records in one SQLite database, for any number of processes on one host. A lock that another process holds is
 * waited for between tries, so that the event loop stays free.
 */
export class SqliteTokenStore implements TokenStore {
  readonly #database: SqliteDatabase;
  readonly #file: string | undefined;
  readonly #place: string;
  readonly #now: () => number;
  readonly #turns: ConnectionTurns;
  #table: RecordTable | undefined;
  #inPlace: FileInPlace | undefined;
  #writes = 0;

  /** Changes nothing: the database is verified and readied by the first call. */
  constructor({ database, now = Date.now }: SqliteTokenStoreOptions) {
    this.#database = database;
    this.#now = now;
    this.#file = fileOf(database);
    this.#place = this.#file ?? 'a database in memory';
    this.#turns = new ConnectionTurns(this.#place);
  }

  async get(key: RecordKey, options?: CallOptions): Promise<StoredRecord | null> {
    assertKey(key.partition, key.id);
    return this.#run(options, (table) => record(table.find(key, this.#now())));
  }

  async compareAndSet(
    key: RecordKey,
    expected: Version | null,
    value: Uint8Array | null,
    options: WriteOptions = {},
  ): Promise<CompareAndSetResult> {
    assertKey(key.partition, key.id);
    const { ttlMs } = options;
    if (ttlMs !== undefined && !Number.isFinite(ttlMs)) throw new TypeError('ttlMs is not a finite number.');
    if (value && value.byteLength > MAX_VALUE_BYTES)
      throw new LimitExceededError('A value for the token store', `${String(MAX_VALUE_BYTES)} bytes`);
    // Copied before anything is awaited: the caller may use its buffer again.
    const bytes = value && new Uint8Array(value);
    const version = randomBytes(12).toString('base64url') as Version;
    const result = await this.#run<CompareAndSetResult>(options, (table) => {
      const now = this.#now();
      const expiresAt = ttlMs === undefined ? null : Math.ceil(now + ttlMs);
      const done = bytes
        ? table.write(key, expected, { version, value: bytes, expiresAt }, now)
        : table.remove(key, expected, now);
      if (done) return { ok: true, version: bytes ? version : null };
      const current = record(table.find(key, now));
      if (current === null && expected === null && !bytes) return { ok: true, version: null };
      return { ok: false, current };
    });
    this.#sweepSometimes();
    return result;
  }

  async list(partition: string, options: ListOptions = {}): Promise<readonly ListedRecord[]> {
    assertKey(partition);
    return this.#run(options, (table) =>
      table
        .list(partition, options.after ?? '', options.limit ?? -1, this.#now())
        .map((row) => ({ id: row.id, value: new Uint8Array(row.value), version: row.version as Version })),
    );
  }

  async purge(partition: string, options?: CallOptions): Promise<void> {
    assertKey(partition);
    await this.#run(options, (table) => {
      table.purge(partition);
    });
    await this.#emptyLog();
  }

  async check(options?: CallOptions): Promise<void> {
    const key = { partition: 'mcp-oauth', id: `check-${randomBytes(12).toString('base64url')}` };
    await this.#run(options, () => {
      assertSettings(this.#database, this.#place);
      if (this.#file !== undefined) assertClosedToOthers(this.#file);
    });
    const written = await this.compareAndSet(key, null, new Uint8Array(1), { ...options, ttlMs: 60_000 });
    if (written.ok) await this.compareAndSet(key, written.version, null, options);
  }

  /** Ends the waits of calls under way. Later calls reject. */
  close(): Promise<void> {
    this.#turns.close();
    return Promise.resolve();
  }

  #run<T>(options: CallOptions | undefined, work: (table: RecordTable) => T): Promise<T> {
    return this.#turns.run(() => {
      this.#table ??= this.#open();
      this.#inPlace?.verify();
      return work(this.#table);
    }, options?.signal);
  }

  #open(): RecordTable {
    prepareDatabase(this.#database, this.#place);
    if (this.#file !== undefined) this.#inPlace = new FileInPlace(this.#file);
    return new RecordTable(this.#database);
  }

  #sweepSometimes(): void {
    this.#writes += 1;
    if (this.#writes % WRITES_PER_SWEEP !== 1) return;
    this.#housekeeping(() => this.#table?.sweep(this.#now()));
  }

  /** Waits a little for those who read there. The records are gone anyway, so that no trouble is the caller's. */
  async #emptyLog(): Promise<void> {
    const empty = () => {
      if (!emptyLog(this.#database)) throw new HeldUpError();
    };
    try {
      await this.#turns.run(empty, undefined, EMPTYING_MS);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
  }

  /** Work that a later call would do again, so that its trouble is not the caller's. */
  #housekeeping(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (sqliteCode(error) === undefined) throw error;
    }
  }
}

function record(row: RecordRow | undefined): StoredRecord | null {
  return row ? { value: new Uint8Array(row.value), version: row.version as Version } : null;
}

function assertKey(...parts: readonly string[]): void {
  if (parts.every((part) => keyPart.test(part))) return;
  throw new TypeError('A part of a record key is 1 to 128 of the characters A-Z, a-z, 0-9, _ and -.');
}
