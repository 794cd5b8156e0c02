import { resolve } from 'node:path';
import { StoreError } from '@mcp-oauth/core';
import type { TokenStore } from '@mcp-oauth/core';
import { closeToOthers, prepareFile } from './database-file.js';
import { assertNotForeign } from './database-header.js';
import { loadDriver } from './driver.js';
import { asStoreError, sqliteCode } from './failures.js';
import { emptyLog } from './sqlite-database.js';
import type { SqliteDatabase } from './sqlite-database.js';
import { SqliteTokenStore } from './sqlite-token-store.js';

export interface OpenSqliteTokenStoreOptions {
  /** The database's file. Made with mode 0600 if it is missing, and its directory with 0700. */
  readonly path: string;
}

/**
 * Opens the token store in a file of its own, with better-sqlite3. `close` closes the database.
 *
 * @throws {StoreError} where the driver is missing, or the file is not ours, not readable or no database.
 */
export async function openSqliteTokenStore({ path }: OpenSqliteTokenStoreOptions): Promise<TokenStore> {
  if (path === '' || path === ':memory:') {
    throw new StoreError(
      'misconfigured',
      'The SQLite token store needs the path of a file. For one in memory use MemoryTokenStore.',
    );
  }
  const file = resolve(path);
  const database = await open(file);
  const store = new OwningSqliteTokenStore(database);
  try {
    // A file that can't be used is told here, and not by the first call long after.
    await store.get({ partition: 'mcp-oauth', id: 'opened' });
    closeToOthers(file);
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

async function open(file: string): Promise<SqliteDatabase> {
  const openDatabase = await loadDriver();
  prepareFile(file);
  assertNotForeign(file);
  try {
    return openDatabase(file);
  } catch (error) {
    throw asStoreError(error, file);
  }
}

class OwningSqliteTokenStore extends SqliteTokenStore {
  readonly #database: SqliteDatabase;
  #closed = false;

  constructor(database: SqliteDatabase) {
    super({ database });
    this.#database = database;
  }

  override async close(): Promise<void> {
    await super.close();
    if (this.#closed) return;
    this.#closed = true;
    try {
      emptyLog(this.#database);
    } catch (error) {
      if (sqliteCode(error) === undefined) throw error;
    } finally {
      this.#database.close();
    }
  }
}
