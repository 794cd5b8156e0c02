import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { startRedis, startRedisCluster } from '@mcp-oauth/e2e/redis';
import { Cluster } from 'ioredis';
import { bytes, connect, freshKey, keep, put, storeFailure, storeOn, text, until } from './support/stores.js';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
const documented = /ACL SETUSER mcp on >password (.*)/.exec(readme)?.[1] ?? '';
const rights = documented.split(' ').filter((right) => right.startsWith('+'));
const login = { username: 'mcp', password: 'password' };
const user = (granted: string) => `user mcp on >password ${granted}`;

test('a user with the documented rights can do all that the store does', async () => {
  const server = keep(await startRedis({ directives: [user(documented)] }));
  const store = storeOn(connect(server, login), 'my-app');
  await store.check();
  const key = freshKey();
  let told = 0;
  const unwatch = await store.watch(key, () => told++);
  const another = await store.watch({ ...key, id: 'another' }, () => undefined);
  await another();
  await put(store, key, 'value');
  await store.compareAndSet({ ...key, id: 'short' }, null, bytes('x'), { ttlMs: 1 });
  await until(async () => (await store.get({ ...key, id: 'short' })) === null);
  expect((await store.list(key.partition)).map(text)).toEqual(['value']);
  await store.purge(key.partition);
  await until(() => told === 2);
  await unwatch();
});

test('of the documented rights none is too much: check misses each', async () => {
  expect(rights.length).toBeGreaterThan(10);
  // Ending one watch of several is not worth an error: the connection ends with the last.
  for (const right of rights.filter((right) => right !== '+unsubscribe')) {
    const granted = documented.replace(` ${right}`, '');
    const server = keep(await startRedis({ directives: [user(granted)] }));
    const failure = await storeFailure(
      storeOn(connect(server, { ...login, enableReadyCheck: false }), 'my-app').check(),
    );
    expect([right, failure.kind]).toEqual([right, 'permission']);
    expect(failure.message).toContain('README of @mcp-oauth/storage-redis');
    await server.close();
  }
}, 60_000);

test.each([
  ['keys', ['~my-app:*', '~other:*']],
  ['channels', ['&my-app:*', '&other:*']],
] as const)('check misses the right to the %s of the prefix', async (_, [own, other]) => {
  const server = keep(await startRedis({ directives: [user(documented.replace(own, other))] }));
  const failure = await storeFailure(storeOn(connect(server, login), 'my-app').check());
  expect(failure.kind).toBe('permission');
});

test('a client of a cluster needs the right that the README names beside', async () => {
  const cluster = keep(await startRedisCluster({ directives: [user(`${documented} +cluster`)] }));
  const client = keep(
    new Cluster(
      cluster.nodes.map(({ host, port }) => ({ host, port })),
      { redisOptions: login },
    ),
  );
  const store = storeOn(client, 'my-app');
  await store.check();
  for (let number = 0; number < 30; number++) await put(store, freshKey(), 'value');
}, 30_000);
