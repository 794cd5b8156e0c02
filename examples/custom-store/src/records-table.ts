import type { Pool } from 'pg';

const key = 'partition = $1 AND id = $2';
const live = 'value IS NOT NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())';
const expiry = "clock_timestamp() + $5 * interval '1 millisecond'";

/**
 * A write is one statement. At READ COMMITTED it waits for whoever is changing the row, and then looks at its condition
 * again: with `clock_timestamp()`, since `now()` would still be the time before the wait.
 *
 * A row that has the version of this very write was written by it, and its reply was lost. So that a delete knows its row
 * too, it leaves the row without a value for a while.
 */
export const statements = {
  find: `SELECT version, value FROM mcp_oauth_records WHERE ${key} AND ${live}`,

  create: `
    INSERT INTO mcp_oauth_records AS held (partition, id, version, value, expires_at)
    VALUES ($1, $2, $3, $4, ${expiry})
    ON CONFLICT (partition, id) DO UPDATE
    SET version = excluded.version, value = excluded.value, expires_at = excluded.expires_at
    WHERE held.version = excluded.version OR held.value IS NULL OR held.expires_at <= clock_timestamp()
    RETURNING version`,

  replace: `
    UPDATE mcp_oauth_records SET version = $3, value = $4, expires_at = ${expiry}
    WHERE ${key} AND (version = $3 OR (version = $6 AND ${live}))
    RETURNING version`,

  list: `
    SELECT id, version, value FROM mcp_oauth_records
    WHERE partition = $1 AND id > $2 AND ${live} ORDER BY id LIMIT $3`,

  purge: 'DELETE FROM mcp_oauth_records WHERE partition = $1',

  // Of now(), which stays the same throughout the statement: an index can be searched for that.
  sweep: `
    DELETE FROM mcp_oauth_records WHERE ctid = ANY (ARRAY (
      SELECT ctid FROM mcp_oauth_records WHERE expires_at <= now() LIMIT 100 FOR UPDATE SKIP LOCKED))`,
} as const;

// The lock: two that make one table at once would be in each other's way. "C" sorts by code unit.
const migration = `
  SELECT pg_advisory_xact_lock(hashtext('mcp_oauth_records'));
  CREATE TABLE IF NOT EXISTS mcp_oauth_records (
    partition text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL,
    value bytea,
    expires_at timestamptz,
    PRIMARY KEY (partition, id)
  );
  CREATE INDEX IF NOT EXISTS mcp_oauth_records_by_expiry
    ON mcp_oauth_records (expires_at) WHERE expires_at IS NOT NULL;`;

/** Makes the table where there is none: a step of your deployment, since the store's own user need not own anything. */
export async function migrate(pool: Pool): Promise<void> {
  await pool.query(migration);
}
