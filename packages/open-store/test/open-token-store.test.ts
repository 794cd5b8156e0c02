import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { InvalidConfigError, StoreError } from '@mcp-oauth/core';
import type { TokenStore } from '@mcp-oauth/core';
import { openTokenStore } from '@mcp-oauth/open-store';
import { keyRing } from '@mcp-oauth/storage-encrypted';
import { freshDirectory } from './support/installation.js';

const at = { partition: 'owner_1', id: 'one' };
const secret = 'the refresh token of Ada';

async function put(store: TokenStore): Promise<void> {
  expect((await store.compareAndSet(at, null, new TextEncoder().encode(secret))).ok).toBe(true);
}

async function textIn(store: TokenStore): Promise<string | undefined> {
  const record = await store.get(at);
  return record ? new TextDecoder().decode(record.value) : undefined;
}

const holdsSecret = (directory: string) =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile())
    .some((path) => readFileSync(path).includes(secret));

test.each(['file', 'sqlite'])('%s: keeps records at its path, and close ends the store', async (scheme) => {
  const directory = freshDirectory();
  const address = `${scheme}:${directory}/tokens`;
  const store = await openTokenStore(address);
  await store.check();
  await put(store);
  await store.close();
  await store.close();
  await expect(store.get(at)).rejects.toThrow(StoreError);
  expect(holdsSecret(directory)).toBe(true);
  const again = await openTokenStore(address);
  expect(await textIn(again)).toBe(secret);
  await again.close();
});

test.each(['file', 'sqlite'])('%s: with keys, nothing of the secret is on disk', async (scheme) => {
  const directory = freshDirectory();
  const keys = keyRing([{ id: 'k', key: randomBytes(32) }]);
  const store = await openTokenStore(`${scheme}:${directory}/tokens`, { keys });
  await store.check();
  await put(store);
  expect(holdsSecret(directory)).toBe(false);
  await store.close();
  const again = await openTokenStore(`${scheme}:${directory}/tokens`, { keys });
  expect(await textIn(again)).toBe(secret);
  await again.close();
});

test('memory: is a new store each time', async () => {
  const [one, other] = [await openTokenStore('memory:'), await openTokenStore('memory:')];
  await put(one);
  expect(await textIn(one)).toBe(secret);
  expect(await textIn(other)).toBeUndefined();
});

test('a bad address rejects, and does not throw', async () => {
  const opening = openTokenStore('mongodb://ada:hidden@db');
  await expect(opening).rejects.toThrow(InvalidConfigError);
  await expect(opening).rejects.not.toThrow(/hidden/);
});
