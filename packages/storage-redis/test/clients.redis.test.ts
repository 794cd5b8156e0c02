import { beforeAll, describe, expect, test } from '@jest/globals';
import { startRedis, startRedisCluster } from '@mcp-oauth/e2e/redis';
import type { RedisCluster, RedisServer } from '@mcp-oauth/e2e/redis';
import type { RedisTokenStore } from '@mcp-oauth/storage-redis';
import {
  bytes,
  clients,
  clusterClients,
  freshKey,
  keep,
  put,
  storeOn,
  text,
  until,
} from './support/stores.js';

let server: RedisServer;
let cluster: RedisCluster;

beforeAll(async () => {
  server = keep(await startRedis());
  cluster = keep(await startRedisCluster());
}, 30_000);

const everyByte = Uint8Array.from({ length: 512 }, (_, index) => index % 256);

async function expectToWork(store: RedisTokenStore): Promise<void> {
  await store.check();
  const key = freshKey();
  const created = await store.compareAndSet(key, null, everyByte);
  if (!created.ok) throw new Error('there was a record');
  await expect(store.get(key)).resolves.toEqual({ value: everyByte, version: created.version });
  await expect(store.compareAndSet(key, null, bytes('late'))).resolves.toEqual({
    ok: false,
    current: { value: everyByte, version: created.version },
  });
  const other = { ...key, id: 'another' };
  await put(store, other, '');
  const listed = await store.list(key.partition);
  expect(listed.map(({ id }) => id)).toEqual(['another', 'credentials']);

  const deleted = await store.compareAndSet(key, created.version, null);
  expect(deleted).toEqual({ ok: true, version: null });
  await store.purge(key.partition);
  await expect(store.get(other)).resolves.toBeNull();
  await expect(store.list(key.partition)).resolves.toEqual([]);
}

async function expectToBeTold(store: RedisTokenStore): Promise<void> {
  const key = freshKey();
  let told = 0;
  const unwatch = await store.watch(key, () => told++);
  await put(store, { ...key, id: 'another' }, 'value');
  const version = await put(store, key, 'value');
  await until(() => told === 1);
  await store.compareAndSet(key, version, null);
  await until(() => told === 2);
  await put(store, key, 'value');
  await until(() => told === 3);
  await store.purge(key.partition);
  await until(() => told === 4);
  await unwatch();
  await put(store, key, 'value');
  expect(told).toBe(4);
}

describe('one server', () => {
  test.each(clients)('%s keeps records, whatever their bytes', async (_, open) => {
    await expectToWork(storeOn(keep(open(server))));
  });

  test.each(clients)('%s tells of writes, deletes and purges', async (_, open) => {
    await expectToBeTold(storeOn(keep(open(server))));
  });
});

describe('a cluster of three', () => {
  test.each(clusterClients)('%s keeps records, whatever their bytes', async (_, open) => {
    await expectToWork(storeOn(keep(open(cluster.nodes))));
  });

  test.each(clusterClients)('%s tells of writes, deletes and purges', async (_, open) => {
    await expectToBeTold(storeOn(keep(open(cluster.nodes))));
  });

  test('partitions are spread over its nodes, and each is purged alone', async () => {
    const [, open] = clusterClients[1]!;
    const store = storeOn(keep(open(cluster.nodes)));
    const keys = Array.from({ length: 60 }, freshKey);
    await Promise.all(keys.map((key) => put(store, key, key.partition)));
    await Promise.all(keys.slice(0, 30).map(({ partition }) => store.purge(partition)));
    const left = await Promise.all(keys.map((key) => store.get(key)));
    expect(left.map(text)).toEqual(keys.map(({ partition }, index) => (index < 30 ? null : partition)));
  });
});
