import { randomBytes } from 'node:crypto';
import { startPostgresql } from '@mcp-oauth/e2e/postgresql';
import type { Pool } from 'pg';
import { createPool } from './pool.js';
import { failureOf } from './postgres-failures.js';
import { migrate } from './records-table.js';

/** A database with the store's table, which the contract may cut off and restart. */
export interface Backend {
  readonly connectionString: string;
  /** Ends every connection to it, as hard as it can. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** A server of its own. Its restart kills all processes. */
export async function startBackend(): Promise<Backend> {
  const server = await startPostgresql();
  await withPool(server.connectionString, migrate);
  return {
    connectionString: server.connectionString,
    restart: () => server.restart(),
    close: () => server.close(),
  };
}

/** A schema in a database of yours, which goes at the end. Its restart ends the server's processes for it, no others. */
export async function borrowBackend(databaseUrl: string): Promise<Backend> {
  const name = `mcp_oauth_example_${randomBytes(6).toString('hex')}`;
  const url = new URL(databaseUrl);
  url.searchParams.set('application_name', name);
  url.searchParams.set('options', `-c search_path=${name}`);
  const connectionString = url.href;
  const query = (text: string, values: readonly string[] = []) =>
    withPool(databaseUrl, async (pool) => {
      await pool.query(text, [...values]);
    });
  const close = () => query(`DROP SCHEMA ${name} CASCADE`);
  await query(`CREATE SCHEMA ${name}`);
  try {
    await withPool(connectionString, migrate);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    connectionString,
    restart: () =>
      query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [name]),
    close,
  };
}

async function withPool(connectionString: string, work: (pool: Pool) => Promise<void>): Promise<void> {
  const pool = createPool(connectionString);
  try {
    await work(pool);
  } catch (error) {
    throw failureOf(error).storeError;
  } finally {
    await pool.end();
  }
}
