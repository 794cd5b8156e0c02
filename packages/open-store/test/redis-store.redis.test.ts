import { afterAll, expect, test } from '@jest/globals';
import { InvalidConfigError, StoreError } from '@mcp-oauth/core';
import { startRedis } from '@mcp-oauth/e2e/redis';
import type { RedisServer } from '@mcp-oauth/e2e/redis';
import { openTokenStore } from '@mcp-oauth/open-store';
import { keyRing } from '@mcp-oauth/storage-encrypted';
import { Redis } from 'ioredis';

const at = { partition: 'owner_1', id: 'one' };
const value = new TextEncoder().encode('the refresh token of Ada');
const servers: RedisServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));

async function started(): Promise<RedisServer> {
  const server = await startRedis({ password: 'hidden' });
  servers.push(server);
  return server;
}

/** The number of clients that the server has besides the one that asks. */
async function clientsOf(server: RedisServer): Promise<number> {
  const client = new Redis(server.url);
  try {
    return (
      String(await client.client('LIST'))
        .trim()
        .split('\n').length - 1
    );
  } finally {
    client.disconnect();
  }
}

test('redis: keeps records under its prefix, watches, and closes the client that it made', async () => {
  const server = await started();
  const store = await openTokenStore(`${server.url}/1?prefix=my-app`);
  await store.check();
  expect((await store.compareAndSet(at, null, value)).ok).toBe(true);
  expect('watch' in store).toBe(true);
  const client = new Redis(`${server.url}/1`);
  const names = await client.keys('*');
  client.disconnect();
  expect(names).toContain('my-app:{owner_1}:r:one');
  expect(names.filter((name) => !name.startsWith('my-app:'))).toEqual([]);
  expect(await clientsOf(server)).toBeGreaterThan(0);
  await store.close();
  await store.close();
  await expect(store.get(at)).rejects.toThrow(StoreError);
  const deadline = performance.now() + 5_000;
  while ((await clientsOf(server)) > 0 && performance.now() < deadline);
  expect(await clientsOf(server)).toBe(0);
});

test('redis: with keys, the server holds no word of the value', async () => {
  const server = await started();
  const keys = keyRing([{ id: 'k', key: new Uint8Array(32).fill(7) }]);
  const store = await openTokenStore(server.url, { keys });
  await store.check();
  expect((await store.compareAndSet(at, null, value)).ok).toBe(true);
  const client = new Redis(server.url);
  for (const key of await client.keys('*:r:*'))
    expect((await client.getBuffer(key))?.includes('refresh token')).toBe(false);
  client.disconnect();
  expect(Buffer.from((await store.get(at))?.value ?? []).toString()).toBe('the refresh token of Ada');
  await store.close();
});

test('redis: a prefix that is not usable is refused, and the connection let go', async () => {
  const server = await started();
  const opening = openTokenStore(`${server.url}?prefix=%7Ba%7D`);
  await expect(opening).rejects.toThrow(/prefix/);
  await expect(opening).rejects.not.toThrow(/hidden/);
  const error: unknown = await opening.catch((reason: unknown) => reason);
  expect(error instanceof StoreError || error instanceof InvalidConfigError).toBe(true);
  const deadline = performance.now() + 5_000;
  while ((await clientsOf(server)) > 0 && performance.now() < deadline);
  expect(await clientsOf(server)).toBe(0);
});
