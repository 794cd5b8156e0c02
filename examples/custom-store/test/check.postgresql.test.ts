import { expect, test } from '@jest/globals';
import { startPostgresql } from '@mcp-oauth/e2e/postgresql';
import { Pool } from 'pg';
import { PostgresTokenStore } from '../src/postgres-token-store.js';
import { migrate } from '../src/records-table.js';
import { failure, freshDatabase, keep, key, put, storeAt } from './support/databases.js';

test('check refuses settings that lose what was written, and says which', async () => {
  const { url, admin } = await freshDatabase();
  const lossy = storeAt(url, { options: '-c synchronous_commit=off' });
  expect(await failure(lossy.check())).toMatchObject({
    kind: 'misconfigured',
    message: expect.stringContaining('synchronous_commit = off'),
  });
  await storeAt(url, { options: '-c synchronous_commit=local' }).check();
  await admin.query('ALTER TABLE mcp_oauth_records SET UNLOGGED');
  expect((await failure(storeAt(url).check())).message).toContain('SET LOGGED');
});

test('check refuses a pool whose statements may take effect long after they were given up', async () => {
  const { url } = await freshDatabase();
  const pool = keep(new Pool({ connectionString: url.href }));
  const error = await failure(new PostgresTokenStore(pool).check());
  expect(error).toMatchObject({
    kind: 'misconfigured',
    message: expect.stringContaining('statement_timeout'),
  });
});

test('check refuses a standby and a server that syncs nothing', async () => {
  const server = await startPostgresql({ settings: { fsync: 'off' } });
  const url = new URL(server.connectionString);
  const admin = keep(new Pool({ connectionString: url.href }));
  await migrate(admin);
  expect((await failure(storeAt(url).check())).message).toContain('fsync = off');
  const { rows } = await admin.query<{ folder: string }>(
    "SELECT current_setting('data_directory') AS folder",
  );
  await admin.query(`COPY (SELECT) TO '${rows[0]!.folder}/standby.signal'`);
  await server.restart();
  const standby = storeAt(url);
  expect((await failure(standby.check())).message).toContain('standby');
  expect((await failure(put(standby, 'x'))).kind).toBe('read_only');
  await server.close();
}, 30_000);

test('a user with rights on the rows alone is enough, and one that lacks a right is told at the check', async () => {
  const { url, admin } = await freshDatabase();
  await admin.query("CREATE ROLE app LOGIN PASSWORD 'x'");
  await admin.query('GRANT SELECT, INSERT, UPDATE ON mcp_oauth_records TO app');
  const address = new URL(url);
  address.username = 'app';
  address.password = 'x';
  expect((await failure(storeAt(address).check())).kind).toBe('permission');
  await admin.query('GRANT DELETE ON mcp_oauth_records TO app');
  const store = storeAt(address);
  await store.check();
  await put(store, 'kept');
});

test('many may make the table at once, and what is in it stays', async () => {
  const { url, admin } = await freshDatabase();
  await put(storeAt(url), 'kept');
  const pools = Array.from({ length: 6 }, () => keep(new Pool({ connectionString: url.href })));
  await Promise.all(pools.map(migrate));
  await admin.query('DROP TABLE mcp_oauth_records');
  expect((await failure(storeAt(url).get(key))).kind).toBe('schema');
  await Promise.all(pools.map(migrate));
  await expect(storeAt(url).get(key)).resolves.toBeNull();
});

test('what has expired or was deleted does not stay in the table', async () => {
  const { url, admin } = await freshDatabase();
  const store = storeAt(url);
  for (let index = 0; index < 5; index++)
    await store.compareAndSet({ ...key, id: `short-${String(index)}` }, null, new Uint8Array(9), {
      ttlMs: 1,
    });
  const version = await put(store, 'secret-value');
  await store.compareAndSet(key, version, null);
  const { rows } = await admin.query('SELECT value FROM mcp_oauth_records WHERE id = $1', [key.id]);
  expect(rows).toEqual([{ value: null }]);
  await admin.query("UPDATE mcp_oauth_records SET expires_at = expires_at - interval '1 minute'");
  const other = { ...key, id: 'other' };
  for (let index = 0; index < 100; index++) await put(store, String(index), other);
  const left = await admin.query('SELECT id FROM mcp_oauth_records');
  expect(left.rows).toEqual([{ id: 'other' }]);
});
