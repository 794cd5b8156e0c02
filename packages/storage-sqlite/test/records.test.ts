import { expect, test } from '@jest/globals';
import { SqliteTokenStore } from '@mcp-oauth/storage-sqlite';
import Database from 'better-sqlite3';
import { bytes, key, put } from './support/places.js';

test('every statement finds its rows by an index', () => {
  const database = new Database(':memory:');
  const statements: string[] = [];
  const watching = {
    prepare: (sql: string) => {
      statements.push(sql);
      return database.prepare(sql);
    },
    exec: (sql: string) => database.exec(sql),
    close: () => database.close(),
  };
  return new SqliteTokenStore({ database: watching }).get(key).then(() => {
    const ours = statements.filter((sql) => /\brecords\b/.test(sql) && !sql.startsWith('INSERT'));
    expect(ours.length).toBeGreaterThanOrEqual(6);
    for (const sql of ours) {
      const plan = database
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...Array.from({ length: sql.split('?').length - 1 }, () => null)) as { detail: string }[];
      const steps = plan.map(({ detail }) => detail).join('\n');
      expect(steps).toMatch(/SEARCH records USING .*(INDEX|INTEGER PRIMARY KEY)/);
      expect(steps).not.toMatch(/SCAN records|TEMP B-TREE/);
    }
    database.close();
  });
});

test('what has expired is swept from the file, and what lives stays', async () => {
  let time = 1_000;
  const database = new Database(':memory:');
  const store = new SqliteTokenStore({ database, now: () => time });
  for (let index = 0; index < 40; index++) {
    await store.compareAndSet({ ...key, id: `brief-${String(index)}` }, null, bytes('x'), { ttlMs: 500 });
  }
  await put(store, 'stays');
  time = 2_000;
  const rows = () => (database.prepare('SELECT count(*) AS n FROM records').get() as { n: number }).n;
  expect(rows()).toBe(41);
  for (let write = 0; write < 100; write++) await put(store, 'stays');
  expect(rows()).toBe(1);
  database.close();
});

test('a key that no store may be asked for is refused', async () => {
  const database = new Database(':memory:');
  const store = new SqliteTokenStore({ database });
  for (const bad of ['', 'a/b', 'a b', 'ä', 'x'.repeat(129)]) {
    await expect(store.get({ partition: bad, id: 'id' })).rejects.toThrow(TypeError);
    await expect(store.get({ partition: 'p', id: bad })).rejects.toThrow(TypeError);
    await expect(store.list(bad)).rejects.toThrow(TypeError);
    await expect(store.purge(bad)).rejects.toThrow(TypeError);
  }
  await expect(store.compareAndSet(key, null, bytes('x'), { ttlMs: NaN })).rejects.toThrow(TypeError);
  database.close();
});
