export type SqliteValue = string | number | Uint8Array | null;

export interface SqliteStatement {
  run(...parameters: SqliteValue[]): { readonly changes: number | bigint };
  get(...parameters: SqliteValue[]): unknown;
  all(...parameters: SqliteValue[]): unknown[];
}

/** What this store asks of a connection: a `Database` of better-sqlite3, or a `DatabaseSync` of `node:sqlite`. */
export interface SqliteDatabase {
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  close(): unknown;
}

/** The value of a pragma, after it was set where `pragma` is an assignment. */
export function pragma(database: SqliteDatabase, pragma: string): unknown {
  const row = database.prepare(`PRAGMA ${pragma}`).get() as Record<string, unknown> | undefined;
  return row && Object.values(row)[0];
}

/**
 * Moves the write-ahead log into the database, and what was overwritten or removed out of both.
 *
 * @returns whether nobody was in the way.
 */
export function emptyLog(database: SqliteDatabase): boolean {
  const { busy } = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number };
  return busy === 0;
}

/** The file of the connection, `undefined` for a database without one. */
export function fileOf(database: SqliteDatabase): string | undefined {
  const main = database
    .prepare('PRAGMA database_list')
    .all()
    .find((row) => (row as { name: string }).name === 'main') as { file: string | null } | undefined;
  const file = main?.file ?? '';
  return file === '' ? undefined : file;
}
