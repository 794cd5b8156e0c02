import { PostgresqlServer } from './postgresql-server.js';
import type { PostgresqlOptions } from './postgresql-server.js';

export { MissingPostgresqlError } from './programs.js';
export type { PostgresqlOptions, PostgresqlServer } from './postgresql-server.js';

/** One server with an empty database, whose commits are on the disk when they are answered. */
export function startPostgresql(options: PostgresqlOptions = {}): Promise<PostgresqlServer> {
  return PostgresqlServer.start(options);
}
