import { existsSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import { tokenStoreIdentifier } from '@mcp-oauth/core/inversify';
import { openSqliteTokenStore, SqliteTokenStore } from '@mcp-oauth/storage-sqlite';
import { sqliteStorageModule } from '@mcp-oauth/storage-sqlite/inversify';
import Database from 'better-sqlite3';
import { Container } from 'inversify';
import { freshPath, key, put, textAt } from '../support/places.js';

function containerWith(options: Parameters<typeof sqliteStorageModule>[0]): Container {
  const container = new Container();
  container.load(sqliteStorageModule(options));
  return container;
}

test('the database is opened once, when the store is first asked for', async () => {
  const path = freshPath();
  const container = containerWith({ path });
  expect(existsSync(path)).toBe(false);
  const [store, same] = await Promise.all([
    container.getAsync(tokenStoreIdentifier),
    container.getAsync(tokenStoreIdentifier),
  ]);
  expect(store).toBeInstanceOf(SqliteTokenStore);
  expect(same).toBe(store);
  expect(container.get(tokenStoreIdentifier)).toBe(store);
  await put(store, 'kept');
  await container.unbindAllAsync();
  const again = await openSqliteTokenStore({ path });
  expect(await textAt(again)).toBe('kept');
  await again.close();
});

test('get says that the store has to be awaited', async () => {
  const container = containerWith({ path: freshPath() });
  expect(() => container.get(tokenStoreIdentifier)).toThrow(
    'Unexpected asynchronous service when resolving service "Symbol(@mcp-oauth/core/TokenStore)"',
  );
  await container.unbindAllAsync();
});

test('unbinding closes the database that was opened here', async () => {
  const path = freshPath();
  const container = containerWith({ path });
  const store = await container.getAsync(tokenStoreIdentifier);
  await put(store, 'kept');
  expect(existsSync(`${path}-wal`)).toBe(true);
  await container.unbindAllAsync();
  await expect(store.get(key)).rejects.toMatchObject({ code: 'store_failed' });
  // The last connection removes it.
  expect(existsSync(`${path}-wal`)).toBe(false);
});

test('a database of the host needs no waiting, and stays open', async () => {
  const database = new Database(freshPath());
  const container = containerWith({ database });
  const store = container.get(tokenStoreIdentifier);
  await put(store, 'kept');
  await container.unbindAllAsync();
  await expect(store.get(key)).rejects.toMatchObject({ code: 'store_failed' });
  expect(database.open).toBe(true);
  expect(await textAt(new SqliteTokenStore({ database }))).toBe('kept');
  database.close();
});

test('another store in its place leaves the file alone', async () => {
  const path = freshPath();
  const container = containerWith({ path });
  const mine = new MemoryTokenStore();
  container.rebind(tokenStoreIdentifier).toConstantValue(mine);
  expect(container.get(tokenStoreIdentifier)).toBe(mine);
  await container.unbindAllAsync();
  expect(existsSync(path)).toBe(false);
});

test('a file that is no database is refused by getAsync, each time, with the error of the store', async () => {
  const path = freshPath();
  writeFileSync(path, 'a diary, and no database at all. '.repeat(200));
  const container = containerWith({ path });
  const refused = { code: 'store_failed', message: expect.stringContaining(path) };
  await expect(container.getAsync(tokenStoreIdentifier)).rejects.toMatchObject(refused);
  await expect(container.getAsync(tokenStoreIdentifier)).rejects.toMatchObject(refused);
  await expect(container.unbindAllAsync()).rejects.toMatchObject(refused);
});
