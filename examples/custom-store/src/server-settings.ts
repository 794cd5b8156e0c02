export interface ServerSettings {
  readonly is_standby: boolean;
  readonly is_unlogged: boolean;
  readonly fsync: string;
  readonly synchronous_commit: string;
  readonly statement_timeout_ms: number;
}

/** Of the connection that asks, since a user or an address can have its own. */
export const settingsStatement = `
  SELECT pg_is_in_recovery() AS is_standby,
    (SELECT relpersistence <> 'p' FROM pg_class WHERE oid = 'mcp_oauth_records'::regclass) AS is_unlogged,
    current_setting('fsync') AS fsync,
    current_setting('synchronous_commit') AS synchronous_commit,
    (SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout') AS statement_timeout_ms`;

/** What keeps the server from keeping the contract, and what to change. */
export function problemOf(settings: ServerSettings, deadlineMs: number): string | undefined {
  const { is_standby, is_unlogged, fsync, synchronous_commit, statement_timeout_ms } = settings;
  if (is_standby) return 'it is a standby, which lags. Give the pool the address of the primary';
  if (is_unlogged) return 'the table is emptied by a crash. ALTER TABLE mcp_oauth_records SET LOGGED';
  if (fsync === 'off') return 'with fsync = off a crash loses what was written. Set it to on';
  if (synchronous_commit === 'off')
    return 'with synchronous_commit = off a crash loses logins. Set it to on, for this user at least';
  if (statement_timeout_ms < 1 || statement_timeout_ms > deadlineMs)
    return `a write could take effect long after it was given up. Give the pool a statement_timeout of 1 to ${deadlineMs} ms`;
  return undefined;
}
