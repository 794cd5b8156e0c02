import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openSqliteTokenStore, SqliteTokenStore } from '@mcp-oauth/storage-sqlite';
import Database from 'better-sqlite3';
import { bytes, freshDirectory, freshPath, key, put, textAt } from './support/places.js';
import { inProcess } from './support/processes.js';

const mode = (path: string) => statSync(path).mode & 0o777;

test('A95: the database and the files beside it are closed to others from their first byte', async () => {
  const path = join(freshDirectory(), 'inner', 'tokens.db');
  const before = process.umask(0);
  const store = await openSqliteTokenStore({ path });
  await put(store, 'secret');
  process.umask(before);
  const beside = readdirSync(join(path, '..')).sort();
  expect(beside).toEqual(['tokens.db', 'tokens.db-shm', 'tokens.db-wal']);
  expect(beside.map((name) => mode(join(path, '..', name)))).toEqual([0o600, 0o600, 0o600]);
  expect(mode(join(path, '..'))).toBe(0o700);
  await store.close();
  expect(readdirSync(join(path, '..'))).toEqual(['tokens.db']);
});

test('a database of ours that others could read is closed to them', async () => {
  const path = freshPath();
  await (await openSqliteTokenStore({ path })).close();
  chmodSync(path, 0o644);
  const store = await openSqliteTokenStore({ path });
  expect(mode(path)).toBe(0o600);
  chmodSync(path, 0o640);
  await expect(store.check()).rejects.toMatchObject({
    kind: 'permission',
    message: expect.stringContaining(path),
  });
  chmodSync(path, 0o600);
  await store.check();
  await store.close();
});

test('what was deleted, overwritten or purged is in no file any more', async () => {
  const path = freshPath();
  const store = await openSqliteTokenStore({ path });
  const secrets = ['first-canary-text', 'second-canary-text', 'third-canary-text'];
  for (const secret of secrets) await put(store, secret);
  const other = { ...key, id: 'other' };
  const written = await store.compareAndSet(other, null, bytes('fourth-canary-text'));
  if (!written.ok) throw new Error('not written');
  await store.compareAndSet(other, written.version, null);
  await store.purge(key.partition);
  const all = readdirSync(join(path, '..')).map((name) => readFileSync(join(path, '..', name), 'latin1'));
  for (const secret of [...secrets, 'fourth-canary-text']) {
    expect(all.filter((text) => text.includes(secret))).toEqual([]);
  }
  await store.close();
});

test('the database of another application is refused and not touched', async () => {
  const path = freshPath();
  const other = new Database(path);
  other.exec('CREATE TABLE things (name TEXT); INSERT INTO things VALUES (1)');
  other.close();
  chmodSync(path, 0o644);
  const before = readFileSync(path);
  await expect(openSqliteTokenStore({ path })).rejects.toMatchObject({
    code: 'store_failed',
    kind: 'misconfigured',
    message: expect.stringMatching(/another application/),
  });
  expect(readFileSync(path).equals(before)).toBe(true);
  expect(mode(path)).toBe(0o644);
});

test('B55: a file that is no database, or a damaged one, is told as corrupt and left as it is', async () => {
  const garbage = freshPath();
  writeFileSync(garbage, 'this is no database, and long enough to be taken for one '.repeat(40), {
    mode: 0o600,
  });
  const before = readFileSync(garbage);
  await expect(openSqliteTokenStore({ path: garbage })).rejects.toMatchObject({ kind: 'corrupt' });
  expect(readFileSync(garbage).equals(before)).toBe(true);

  const damaged = freshPath();
  const store = await openSqliteTokenStore({ path: damaged });
  for (let index = 0; index < 50; index++) {
    await store.compareAndSet({ ...key, id: `r${String(index)}` }, null, new Uint8Array(2_000));
  }
  await store.close();
  const bytesOnDisk = readFileSync(damaged);
  bytesOnDisk.fill(0xff, 4_096, 60_000);
  writeFileSync(damaged, bytesOnDisk);
  const reading = async () => (await openSqliteTokenStore({ path: damaged })).list(key.partition);
  await expect(reading()).rejects.toMatchObject({ code: 'store_failed', kind: 'corrupt' });
});

test('a newer schema is refused and left as it is', async () => {
  const path = freshPath();
  const store = await openSqliteTokenStore({ path });
  await put(store, 'kept');
  await store.close();
  const database = new Database(path);
  database.pragma('user_version = 99');
  database.close();
  await expect(openSqliteTokenStore({ path })).rejects.toMatchObject({
    kind: 'schema',
    message: expect.stringMatching(/newer version.*99/s),
  });
});

test('a path that can not hold a database says why', async () => {
  const directory = freshDirectory();
  await expect(openSqliteTokenStore({ path: directory })).rejects.toMatchObject({ kind: 'misconfigured' });
  await expect(openSqliteTokenStore({ path: ':memory:' })).rejects.toMatchObject({ kind: 'misconfigured' });
  await expect(
    openSqliteTokenStore({ path: join(directory, 'not', 'there', 'tokens.db') }),
  ).rejects.toMatchObject({ kind: 'misconfigured', message: expect.stringContaining('is not there') });
  expect(existsSync(join(directory, 'not'))).toBe(false);
});

test('B54: a full disk is an error of its kind, the stored record stays, and it works again with space', async () => {
  const mount = freshDirectory();
  const path = join(mount, 'tokens.db');
  const answers = await inProcess(
    { path, mounts: `mount -t tmpfs -o size=256k tmpfs ${mount}` },
    ['open'],
    ['put', key, 'kept'],
    ['fill', join(mount, 'filler')],
    ['put', key, 'new'.repeat(4_000)],
    ['get', key],
    ['check'],
    ['remove', join(mount, 'filler')],
    ['put', key, 'new'],
    ['get', key],
    ['check'],
    ['close'],
  );
  const full = {
    name: 'StoreError',
    kind: 'full',
    message: expect.stringContaining('No stored record was lost'),
  };
  expect(answers).toMatchObject([
    null,
    true,
    null,
    full,
    'kept',
    expect.anything(),
    null,
    true,
    'new',
    null,
    null,
  ]);
}, 20_000);

test('B58: a read-only place is an error of its kind', async () => {
  const mount = freshDirectory();
  const answers = await inProcess(
    { path: join(mount, 'tokens.db'), mounts: `mount -t tmpfs tmpfs ${mount}` },
    ['open'],
    ['put', key, 'kept'],
    ['close'],
    ['run', 'mount', '-o', 'remount,ro', mount],
    ['open'],
    ['run', 'mount', '-o', 'remount,rw', mount],
    ['open'],
    ['get', key],
    ['close'],
  );
  expect(answers.slice(4)).toMatchObject([
    { name: 'StoreError', kind: 'read_only' },
    null,
    null,
    'kept',
    null,
  ]);
}, 20_000);

test('a connection of the caller is used, readied and left open', async () => {
  const database = new Database(freshPath());
  const store = new SqliteTokenStore({ database });
  await put(store, 'kept');
  expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
  expect(database.pragma('synchronous', { simple: true })).toBe(2);
  expect(database.pragma('busy_timeout', { simple: true })).toBeLessThanOrEqual(5);
  database.pragma('synchronous = OFF');
  await expect(store.check()).rejects.toMatchObject({ kind: 'misconfigured' });
  await store.close();
  await expect(store.get(key)).rejects.toMatchObject({ kind: 'unavailable' });
  expect(database.open).toBe(true);
  database.close();
  const late = new SqliteTokenStore({ database: new Database(':memory:') });
  expect(await put(late, 'in memory')).toBeTruthy();
  expect(await textAt(late)).toBe('in memory');
});

test('a connection that its owner has closed is told as unavailable', async () => {
  const database = new Database(':memory:');
  const store = new SqliteTokenStore({ database });
  await put(store, 'kept');
  database.close();
  await expect(store.get(key)).rejects.toMatchObject({ code: 'store_failed', kind: 'unavailable' });
});

test('a link to a database is followed', async () => {
  const directory = freshDirectory();
  mkdirSync(join(directory, 'volume'));
  symlinkSync(join(directory, 'volume', 'tokens.db'), join(directory, 'tokens.db'));
  writeFileSync(join(directory, 'volume', 'tokens.db'), '', { mode: 0o600 });
  const store = await openSqliteTokenStore({ path: join(directory, 'tokens.db') });
  await put(store, 'kept');
  await store.close();
  expect(statSync(join(directory, 'volume', 'tokens.db')).size).toBeGreaterThan(0);
});
