import { StoreError } from '@mcp-oauth/core';
import { pragma } from './sqlite-database.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** `mcpo`: tells our files from those of other applications. */
export const APPLICATION_ID = 0x6d_63_70_6f;

/** Each takes the schema from the version of its index to the next. */
const migrations: readonly string[] = [
  // No WITHOUT ROWID: records of some kilobytes overflow the pages of an index, and reading takes three times as long.
  `CREATE TABLE records (
     partition TEXT NOT NULL,
     id TEXT NOT NULL,
     version TEXT NOT NULL,
     value BLOB NOT NULL,
     expires_at INTEGER,
     UNIQUE (partition, id)
   ) STRICT;
   CREATE INDEX records_by_expiry ON records (expires_at) WHERE expires_at IS NOT NULL;`,
];

/** Readies a connection for records: verifies that the database is ours or new, and brings its schema up to date. */
export function prepareDatabase(database: SqliteDatabase, place: string): void {
  // The event loop stands still while the driver waits: waiting is done between tries instead.
  pragma(database, 'busy_timeout = 0');
  // One view of all that it reads: another process may be making the tables.
  inTransaction(database, 'DEFERRED', () => {
    assertOurs(database, place);
  });
  // The driver's default may lose the last commits with the power, and a rotated refresh token with them.
  database.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF');
  const mode = pragma(database, 'journal_mode = WAL');
  if (mode !== 'wal' && mode !== 'memory') {
    throw new StoreError(
      'misconfigured',
      `The token store can't use ${place}: it has no write-ahead log there (${String(mode)}), as on a network ` +
        'file system. Choose a path on a local disk.',
    );
  }
  assertSettings(database, place);
  if (version(database) < migrations.length) migrate(database, place);
}

/** Reads back what was set: a connection may be built without it, and another part of the process may change it. */
export function assertSettings(database: SqliteDatabase, place: string): void {
  const needed = [
    ['synchronous', 'FULL', 2],
    ['secure_delete', 'ON', 1],
  ] as const;
  for (const [name, value, least] of needed) {
    const found = pragma(database, name);
    if (Number(found) >= least) continue;
    throw new StoreError(
      'misconfigured',
      `The token store needs PRAGMA ${name} = ${value} in ${place}, and finds it set to ${String(found)}. Give it ` +
        'a connection of its own.',
    );
  }
}

function migrate(database: SqliteDatabase, place: string): void {
  inTransaction(database, 'IMMEDIATE', () => {
    assertOurs(database, place);
    // Another process may have been faster.
    for (const migration of migrations.slice(version(database))) database.exec(migration);
    database.exec(
      `PRAGMA application_id = ${String(APPLICATION_ID)}; PRAGMA user_version = ${String(migrations.length)}`,
    );
  });
}

function inTransaction(database: SqliteDatabase, kind: 'DEFERRED' | 'IMMEDIATE', work: () => void): void {
  database.exec(`BEGIN ${kind}`);
  try {
    work();
    database.exec('COMMIT');
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

function rollBack(database: SqliteDatabase): void {
  // SQLite has rolled back by itself after some errors, and refuses to do it again.
  try {
    database.exec('ROLLBACK');
  } catch (error) {
    if (!String(error).includes('no transaction is active')) throw error;
  }
}

function assertOurs(database: SqliteDatabase, place: string): void {
  const application = pragma(database, 'application_id');
  const { tables } = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() as {
    tables: number;
  };
  const isNew = application === 0 && version(database) === 0 && tables === 0;
  if (!isNew && application !== APPLICATION_ID) throw foreignDatabase(place);
  if (version(database) > migrations.length) {
    throw new StoreError(
      'schema',
      `The token store in ${place} was written by a newer version of this program (schema ` +
        `${String(version(database))}, known up to ${String(migrations.length)}). Nothing was changed. Update ` +
        'this program, or choose another path.',
    );
  }
}

export function foreignDatabase(place: string): StoreError {
  return new StoreError(
    'misconfigured',
    `The token store does not use ${place}: it is the database of another application. Nothing was changed. ` +
      'Choose another path.',
  );
}

function version(database: SqliteDatabase): number {
  return Number(pragma(database, 'user_version'));
}
