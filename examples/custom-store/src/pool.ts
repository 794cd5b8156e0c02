import { Pool } from 'pg';

/** Connections of which none keeps anybody waiting for long. Whoever calls this ends them. */
export function createPool(connectionString: string): Pool {
  return new Pool({
    connectionString,
    connectionTimeoutMillis: 3_000,
    // The server gives a statement up when the store has, so that none takes effect long afterwards.
    statement_timeout: 5_000,
    keepAlive: true,
  });
}
