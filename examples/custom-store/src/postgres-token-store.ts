import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError } from '@mcp-oauth/core';
import type { CallOptions, CompareAndSetResult, ListedRecord, ListOptions, RecordKey } from '@mcp-oauth/core';
import type { StoredRecord, TokenStore, Version, WriteOptions } from '@mcp-oauth/core';
import { inject, injectable } from 'inversify';
import type { Pool } from 'pg';
import { ignore, sendStatement } from './one-statement.js';
import type { Bounds } from './one-statement.js';
import { failureOf } from './postgres-failures.js';
import { copied, keyParts, lifetime, recordOf } from './record.js';
import type { RecordRow } from './record.js';
import { statements } from './records-table.js';
import { problemOf, settingsStatement } from './server-settings.js';
import type { ServerSettings } from './server-settings.js';
import { poolIdentifier } from './service-identifiers.js';

/** Of a call, with all its statements: less than the 10 seconds that the port allows. */
const deadlineMs = 8_000;
/** For as long as this, from the beginning of the call, a statement is sent again if its connection was lost. */
const insistMs = 2_000;
const longestPauseMs = 200;
/** How long a deleted row is known, so that a delete whose reply was lost is no conflict with itself. */
const deletedMs = 60_000;
const writesPerSweep = 100;

/** Keeps records in a table of PostgreSQL. The pool is the host's: whoever creates it ends it, after the store. */
@injectable()
export class PostgresTokenStore implements TokenStore {
  readonly #pool: Pool;
  #writes = 0;
  #isClosed = false;

  constructor(@inject(poolIdentifier) pool: Pool) {
    this.#pool = pool;
    pool.on('error', ignore);
  }

  async get(key: RecordKey, options?: CallOptions): Promise<StoredRecord | null> {
    return this.#find(key, boundsOf(options));
  }

  async compareAndSet(
    key: RecordKey,
    expected: Version | null,
    value: Uint8Array | null,
    options: WriteOptions = {},
  ): Promise<CompareAndSetResult> {
    const bytes = value && copied(value);
    const bounds = boundsOf(options);
    if (bytes || expected !== null) {
      if (this.#writes++ % writesPerSweep === 0) await this.#run(statements.sweep, [], bounds);
      const version = randomBytes(12).toString('base64url') as Version;
      const ttlMs = bytes ? lifetime(options.ttlMs) : deletedMs;
      const row = [...keyParts(key.partition, key.id), version, bytes, ttlMs];
      const written =
        expected === null
          ? await this.#run(statements.create, row, bounds)
          : await this.#run(statements.replace, [...row, expected], bounds);
      if (written.length > 0) return { ok: true, version: bytes && version };
    }
    // A statement of its own: one that has waited for the winner would still see what was there before.
    const current = await this.#find(key, bounds);
    if (current || expected !== null) return { ok: false, current };
    // What was in the way of a create has gone since.
    return bytes ? this.compareAndSet(key, null, bytes, options) : { ok: true, version: null };
  }

  async list(partition: string, options: ListOptions = {}): Promise<readonly ListedRecord[]> {
    const page = [...keyParts(partition), options.after ?? '', options.limit ?? null];
    const rows = await this.#run<RecordRow>(statements.list, page, boundsOf(options));
    return rows.map((row) => ({ id: row.id, ...recordOf(row) }));
  }

  async purge(partition: string, options?: CallOptions): Promise<void> {
    await this.#run(statements.purge, keyParts(partition), boundsOf(options));
  }

  async check(options: CallOptions = {}): Promise<void> {
    const [settings] = await this.#run<ServerSettings>(settingsStatement, [], boundsOf(options));
    const problem = settings && problemOf(settings, deadlineMs);
    if (problem)
      throw new StoreError('misconfigured', `The token store does not use this PostgreSQL: ${problem}.`);
    const key = { partition: `check-${randomBytes(12).toString('base64url')}`, id: 'probe' };
    const written = await this.compareAndSet(key, null, new Uint8Array(1), { ...options, ttlMs: deletedMs });
    if (written.ok) await this.compareAndSet(key, written.version, null, options);
    await this.purge(key.partition, options);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#pool.off('error', ignore);
    return Promise.resolve();
  }

  async #find(key: RecordKey, bounds: Bounds): Promise<StoredRecord | null> {
    const [row] = await this.#run<RecordRow>(statements.find, keyParts(key.partition, key.id), bounds);
    return row ? recordOf(row) : null;
  }

  async #run<Row extends object>(text: string, values: readonly unknown[], bounds: Bounds): Promise<Row[]> {
    for (let pauseMs = 10; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      if (this.#isClosed) throw new StoreError('unavailable', 'The PostgreSQL token store was closed.');
      bounds.signal?.throwIfAborted();
      try {
        return await sendStatement<Row>(this.#pool, text, values, bounds);
      } catch (error) {
        bounds.signal?.throwIfAborted();
        const { passing, storeError } = failureOf(error);
        if (!passing || performance.now() + pauseMs > bounds.deadline - deadlineMs + insistMs)
          throw storeError;
      }
      await sleep(pauseMs);
    }
  }
}

function boundsOf({ signal }: CallOptions = {}): Bounds {
  return { deadline: performance.now() + deadlineMs, signal };
}
