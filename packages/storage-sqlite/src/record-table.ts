import type { RecordKey } from '@mcp-oauth/core';
import type { SqliteDatabase, SqliteStatement } from './sqlite-database.js';

export interface RecordRow {
  readonly id: string;
  readonly version: string;
  readonly value: Uint8Array;
}

export interface NewVersion {
  readonly version: string;
  readonly value: Uint8Array;
  /** Unix time in milliseconds, `null` for a record that stays. */
  readonly expiresAt: number | null;
}

/** More at once would hold the write lock for long. */
const SWEPT_AT_ONCE = 100;

/** The records of all partitions. Each method is one statement, and so one transaction. */
export class RecordTable {
  readonly #find: SqliteStatement;
  readonly #create: SqliteStatement;
  readonly #update: SqliteStatement;
  readonly #remove: SqliteStatement;
  readonly #list: SqliteStatement;
  readonly #purge: SqliteStatement;
  readonly #sweep: SqliteStatement;

  constructor(database: SqliteDatabase) {
    const live = '(expires_at IS NULL OR expires_at > ?)';
    this.#find = database.prepare(
      `SELECT id, version, value FROM records WHERE partition = ? AND id = ? AND ${live}`,
    );
    this.#create = database.prepare(
      `INSERT INTO records (partition, id, version, value, expires_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (partition, id) DO UPDATE
       SET version = excluded.version, value = excluded.value, expires_at = excluded.expires_at
       WHERE records.expires_at <= ?`,
    );
    this.#update = database.prepare(
      `UPDATE records SET version = ?, value = ?, expires_at = ?
       WHERE partition = ? AND id = ? AND version = ? AND ${live}`,
    );
    this.#remove = database.prepare(
      `DELETE FROM records WHERE partition = ? AND id = ? AND version = ? AND ${live}`,
    );
    this.#list = database.prepare(
      `SELECT id, version, value FROM records
       WHERE partition = ? AND id > ? AND ${live} ORDER BY id LIMIT ?`,
    );
    this.#purge = database.prepare('DELETE FROM records WHERE partition = ?');
    this.#sweep = database.prepare(
      `DELETE FROM records WHERE rowid IN
       (SELECT rowid FROM records WHERE expires_at <= ? LIMIT ${String(SWEPT_AT_ONCE)})`,
    );
  }

  find({ partition, id }: RecordKey, now: number): RecordRow | undefined {
    return this.#find.get(partition, id, now) as RecordRow | undefined;
  }

  /** `false`: the record has another version than `expected`, or there is one where none was expected. */
  write({ partition, id }: RecordKey, expected: string | null, next: NewVersion, now: number): boolean {
    const { version, value, expiresAt } = next;
    const { changes } =
      expected === null
        ? this.#create.run(partition, id, version, value, expiresAt, now)
        : this.#update.run(version, value, expiresAt, partition, id, expected, now);
    return Number(changes) === 1;
  }

  remove({ partition, id }: RecordKey, expected: string | null, now: number): boolean {
    return expected !== null && Number(this.#remove.run(partition, id, expected, now).changes) === 1;
  }

  list(partition: string, after: string, limit: number, now: number): readonly RecordRow[] {
    return this.#list.all(partition, after, now, limit) as RecordRow[];
  }

  purge(partition: string): void {
    this.#purge.run(partition);
  }

  sweep(now: number): void {
    this.#sweep.run(now);
  }
}
