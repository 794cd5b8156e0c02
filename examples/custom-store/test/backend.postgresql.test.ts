import { expect, test } from '@jest/globals';
import { borrowBackend } from '../src/backend.js';
import { bytes, freshDatabase, key, put, storeAt, text } from './support/databases.js';

test('a borrowed database gives a schema of its own, cuts nobody else, and has nothing left of it afterwards', async () => {
  const { url, admin } = await freshDatabase();
  const others = storeAt(url);
  await put(others, 'of others');
  const backend = await borrowBackend(url.href);
  const store = storeAt(new URL(backend.connectionString));
  await expect(store.get(key)).resolves.toBeNull();
  await store.compareAndSet(key, null, bytes('of the example'));
  const connections = 'SELECT pid FROM pg_stat_activity WHERE datname = current_database() ORDER BY pid';
  const before = (await admin.query<{ pid: number }>(connections)).rows;
  await backend.restart();
  expect(text(await store.get(key))).toBe('of the example');
  const after = (await admin.query<{ pid: number }>(connections)).rows.map(({ pid }) => pid);
  expect(before.filter(({ pid }) => !after.includes(pid))).toHaveLength(1);
  await backend.close();
  const schemas = await admin.query("SELECT FROM pg_namespace WHERE nspname LIKE 'mcp_oauth%'");
  expect(schemas.rowCount).toBe(0);
  expect(text(await others.get(key))).toBe('of others');
});
