import { chmodSync, copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openSqliteTokenStore, SqliteTokenStore } from '@mcp-oauth/storage-sqlite';
import Database from 'better-sqlite3';
import { freshDirectory, freshPath, key, put, textAt } from './support/places.js';

const mode = (path: string) => statSync(path).mode & 0o777;

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

test('the database of another application that is running is refused, and its log stays where it is', async () => {
  const path = freshPath();
  const other = new Database(path);
  other.exec('PRAGMA journal_mode = WAL; CREATE TABLE things (name TEXT)');
  other.pragma('wal_checkpoint(TRUNCATE)');
  other.exec('INSERT INTO things VALUES (1)');
  const contents = () => [path, `${path}-wal`].map((file) => readFileSync(file).toString('base64'));
  const before = contents();
  await expect(openSqliteTokenStore({ path })).rejects.toMatchObject({ kind: 'misconfigured' });
  expect(contents()).toEqual(before);
  // As it is found after its process was killed: nobody holds the log any more.
  const copy = freshPath();
  for (const suffix of ['', '-wal']) copyFileSync(`${path}${suffix}`, `${copy}${suffix}`);
  other.close();
  await expect(openSqliteTokenStore({ path: copy })).rejects.toMatchObject({ kind: 'misconfigured' });
  expect([copy, `${copy}-wal`].map((file) => readFileSync(file).toString('base64'))).toEqual(before);
});

test('a database that bears the name of another application is refused, though its tables are in its log alone', async () => {
  const other = new Database(freshPath());
  other.exec('PRAGMA application_id = 77; PRAGMA journal_mode = WAL; CREATE TABLE things (name TEXT)');
  const path = freshPath();
  for (const suffix of ['', '-wal']) copyFileSync(`${other.name}${suffix}`, `${path}${suffix}`);
  other.close();
  const contents = () => [path, `${path}-wal`].map((file) => readFileSync(file).toString('base64'));
  const before = contents();
  await expect(openSqliteTokenStore({ path })).rejects.toMatchObject({ kind: 'misconfigured' });
  expect(contents()).toEqual(before);
});

test('a new database whose process was killed before its log was moved is still ours', async () => {
  const path = freshPath();
  const database = new Database(path);
  await put(new SqliteTokenStore({ database }), 'kept');
  const copy = freshPath();
  for (const suffix of ['', '-wal']) copyFileSync(`${path}${suffix}`, `${copy}${suffix}`);
  database.close();
  const store = await openSqliteTokenStore({ path: copy });
  expect(await textAt(store)).toBe('kept');
  await store.close();
});

test('a database of ours without its table is told as misconfigured, and not as a bad disk', async () => {
  const path = freshPath();
  await (await openSqliteTokenStore({ path })).close();
  const database = new Database(path);
  database.exec('DROP TABLE records');
  database.close();
  await expect(openSqliteTokenStore({ path })).rejects.toMatchObject({
    kind: 'misconfigured',
    message: expect.stringMatching(/has changed its tables/),
  });
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
  const whole = readFileSync(damaged);
  const bytesOnDisk = Buffer.from(whole);
  bytesOnDisk.fill(0xff, 4_096, 60_000);
  writeFileSync(damaged, bytesOnDisk);
  const reading = async () => (await openSqliteTokenStore({ path: damaged })).list(key.partition);
  await expect(reading()).rejects.toMatchObject({ code: 'store_failed', kind: 'corrupt' });
  for (const pages of [1, 2, 5]) {
    writeFileSync(damaged, whole.subarray(0, pages * 4_096));
    await expect(reading()).rejects.toMatchObject({ code: 'store_failed', kind: 'corrupt' });
    expect(readFileSync(damaged).equals(whole.subarray(0, pages * 4_096))).toBe(true);
  }
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
