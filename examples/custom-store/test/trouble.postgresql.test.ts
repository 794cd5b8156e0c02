import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { Pool } from 'pg';
import { createPool } from '../src/pool.js';
import { PostgresTokenStore } from '../src/postgres-token-store.js';
import {
  bytes,
  failure,
  freshDatabase,
  keep,
  key,
  put,
  storeAt,
  text,
  theServer,
} from './support/databases.js';

test('each kind of trouble is told as what it is, with none of the words of the server', async () => {
  const { url, admin } = await freshDatabase();
  await admin.query("CREATE ROLE stranger LOGIN PASSWORD 'x'");
  await admin.query('CREATE SCHEMA elsewhere');
  const store = storeAt(url);
  const version = await put(store, 'kept');
  const stranger = new URL(url);
  stranger.username = 'stranger';
  stranger.password = 'x';
  const locked = new URL(url);
  locked.password = 'wrong-password';
  const nowhere = new URL(url);
  nowhere.pathname = '/nowhere';
  const write = (store: PostgresTokenStore) => store.compareAndSet(key, version, bytes('secret-value'));
  const kinds = {
    permission: [storeAt(stranger), storeAt(locked)],
    misconfigured: [storeAt(nowhere)],
    schema: [storeAt(url, { options: '-c search_path=elsewhere' })],
    read_only: [storeAt(url, { options: '-c default_transaction_read_only=on' })],
  };
  for (const [kind, stores] of Object.entries(kinds)) {
    for (const one of stores) {
      const error = await failure(write(one));
      expect([kind, error.kind]).toEqual([kind, kind]);
      expect(inspect(error, { depth: 9 })).not.toMatch(/secret-value|wrong-password|stranger/);
    }
  }
  expect(text(await store.get(key))).toBe('kept');
});

test.each([
  ['53100', 'full'],
  ['53300', 'unavailable'],
  ['55P03', 'busy'],
  ['40P01', 'busy'],
  ['XX001', 'corrupt'],
  ['22000', 'unavailable'],
])('an answer %s is %s, and neither the row nor the words of the server are told', async (code, kind) => {
  const { url, admin } = await freshDatabase();
  await admin.query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION 'refused %', NEW.value USING ERRCODE = '${code}', DETAIL = NEW.value;
    END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON mcp_oauth_records FOR EACH ROW EXECUTE FUNCTION refuse()`);
  const error = await failure(storeAt(url).compareAndSet(key, null, bytes('secret-value')));
  expect(error.kind).toBe(kind);
  expect(error.message).toContain(`(${code})`);
  const shown = inspect(error, { depth: 9 });
  expect(shown).not.toContain('secret-value');
  expect(shown).not.toContain(Buffer.from('secret-value').toString('hex'));
});

test('a row that somebody holds locked is told as busy, and the write is not done later', async () => {
  const { url, admin } = await freshDatabase();
  const store = storeAt(url);
  const version = await put(store, 'kept');
  const holder = await admin.connect();
  await holder.query('BEGIN; SELECT * FROM mcp_oauth_records FOR UPDATE');
  const error = await failure(store.compareAndSet(key, version, bytes('late')));
  expect(error.kind).toBe('busy');
  expect(error.tookMs).toBeLessThan(10_000);
  await holder.query('COMMIT');
  holder.release();
  expect(text(await store.get(key))).toBe('kept');
});

test('a server that stands still is told as unavailable within 10 s, and everything works when it goes on', async () => {
  const { url } = await freshDatabase();
  const store = storeAt(url);
  const version = await put(store, 'kept');
  await theServer().stop();
  // Over a connection that is there, and over one that would have to be made.
  const onOpenConnection = failure(store.get(key));
  const giving = new AbortController();
  const givenUp = store.get(key, { signal: giving.signal });
  giving.abort(new Error('given up'));
  await expect(givenUp).rejects.toThrow('given up');
  const error = await onOpenConnection;
  expect(error.kind).toBe('unavailable');
  expect(error.tookMs).toBeLessThan(10_000);
  await theServer().cont();
  await expect(store.get(key)).resolves.toMatchObject({ version });
}, 30_000);

test('connections that die while nobody uses them are no trouble for anybody', async () => {
  const { url } = await freshDatabase();
  const pool = createPool(url.href);
  const store = new PostgresTokenStore(pool);
  await put(store, 'kept');
  await theServer().restart();
  expect(text(await store.get(key))).toBe('kept');
  await store.close();
  await pool.end();
}, 30_000);

test('a write that is given up while it waits for a connection is never sent', async () => {
  const { url } = await freshDatabase();
  const pool = keep(new Pool({ connectionString: url.href, max: 1 }));
  const store = new PostgresTokenStore(pool);
  const busy = await pool.connect();
  const giving = new AbortController();
  const writing = store.compareAndSet(key, null, bytes('late'), { signal: giving.signal });
  giving.abort(new Error('given up'));
  await expect(writing).rejects.toThrow('given up');
  busy.release();
  await expect(store.get(key)).resolves.toBeNull();
  expect([pool.totalCount, pool.idleCount]).toEqual([1, 1]);
});

test('writers whose transactions are serializable by default lose no change', async () => {
  const { url } = await freshDatabase();
  const stores = Array.from({ length: 4 }, () =>
    storeAt(url, { options: '-c default_transaction_isolation=serializable' }),
  );
  const won = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      stores[index % 4]!.compareAndSet(key, null, bytes(String(index))),
    ),
  );
  expect(won.filter(({ ok }) => ok)).toHaveLength(1);
});
