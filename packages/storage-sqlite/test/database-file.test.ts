import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
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

test('A95: the file is closed to others before anything else about the database can fail', async () => {
  const path = freshPath();
  mkdirSync(`${path}-wal`);
  const before = process.umask(0);
  await expect(openSqliteTokenStore({ path })).rejects.toMatchObject({ code: 'store_failed' });
  process.umask(before);
  expect(mode(path)).toBe(0o600);
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

test('a purge waits for a reader in the way before it leaves what was removed in the log', async () => {
  const path = freshPath();
  const store = await openSqliteTokenStore({ path });
  await put(store, 'canary-text');
  const reader = new Database(path);
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM records').get();
  const purged = store.purge(key.partition);
  setTimeout(() => reader.close(), 200);
  await purged;
  for (const file of [path, `${path}-wal`]) expect(readFileSync(file, 'latin1')).not.toContain('canary-text');
  await store.close();
});

test('B09: a file that is removed, moved or replaced while it is open is told, and written to no more', async () => {
  const path = freshPath();
  const store = await openSqliteTokenStore({ path });
  const version = await put(store, 'kept');
  const gone = { code: 'store_failed', kind: 'unavailable', message: expect.stringContaining(path) };
  const calls = [
    () => store.get(key),
    () => store.compareAndSet(key, version, bytes('lost')),
    () => store.list(key.partition),
    () => store.purge(key.partition),
    () => store.check(),
  ];
  renameSync(path, `${path}.aside`);
  for (const call of calls) await expect(call()).rejects.toMatchObject(gone);
  writeFileSync(path, '', { mode: 0o600 });
  for (const call of calls) await expect(call()).rejects.toMatchObject(gone);
  renameSync(`${path}.aside`, path);
  expect(await textAt(store)).toBe('kept');
  rmSync(join(path, '..'), { recursive: true });
  for (const call of calls) await expect(call()).rejects.toMatchObject(gone);
  await store.close();
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
