import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { startProxy, startRedis, startRedisCluster } from '@mcp-oauth/e2e/redis';
import { Cluster } from 'ioredis';
import { connect, freshKey, keep, put, storeOn, until } from './support/stores.js';

const subscribers = async (client: ReturnType<typeof connect>) =>
  String(await client.client('LIST', 'TYPE', 'PUBSUB'))
    .split('\n')
    .filter((line) => line !== '').length;

test('all watches of a store share one connection, which is made with the first and ended with the last', async () => {
  const server = keep(await startRedis());
  const client = connect(server);
  const store = storeOn(client);
  await put(store, freshKey(), 'value');
  await expect(subscribers(client)).resolves.toBe(0);
  const key = freshKey();
  const told = [0, 0, 0];
  const [first, second, third] = await Promise.all([
    store.watch(key, () => told[0]!++),
    store.watch(key, () => told[1]!++),
    store.watch({ ...key, id: 'other' }, () => told[2]!++),
  ]);
  await expect(subscribers(client)).resolves.toBe(1);
  await first();
  await first();
  await put(store, key, 'value');
  await until(() => told[1] === 1);
  expect(told).toEqual([0, 1, 0]);
  await second();
  await third();
  await until(async () => (await subscribers(client)) === 0);

  const again = await store.watch(key, () => told[0]!++);
  await put(store, key, 'once more');
  await until(() => told[0] === 1);
  await again();
});

test('one function may watch twice, and each watch ends alone', async () => {
  const server = keep(await startRedis());
  const store = storeOn(connect(server));
  const key = freshKey();
  let told = 0;
  const onChange = () => told++;
  const first = await store.watch(key, onChange);
  await store.watch(key, onChange);
  await put(store, key, 'one');
  await until(() => told === 2);
  await first();
  await put(store, key, 'two');
  await until(() => told === 3);
});

test('a change by another process is told, and what another prefix does is not', async () => {
  const server = keep(await startRedis());
  const key = freshKey();
  let told = 0;
  await storeOn(connect(server), 'one').watch(key, () => told++);
  await put(storeOn(connect(server), 'two'), key, 'value');
  expect(told).toBe(0);
  await put(storeOn(connect(server), 'one'), key, 'value');
  await until(() => told === 1);
});

test('when the connection was lost and is back, every watch is called once, and goes on', async () => {
  const server = keep(await startRedis());
  const proxy = keep(await startProxy(server));
  const store = storeOn(connect(proxy, { retryStrategy: () => 20 }));
  const other = storeOn(connect(server));
  const key = freshKey();
  const told = { key: 0, other: 0 };
  await store.watch(key, () => told.key++);
  await store.watch({ ...key, id: 'other' }, () => told.other++);
  await proxy.down();
  await put(other, key, 'while nobody listened');
  await proxy.up();
  await until(() => told.key === 1 && told.other === 1);
  await put(other, key, 'again');
  await until(() => told.key === 2);
  expect(told.other).toBe(1);
});

test('a server that was killed and is back is watched again, of a cluster too', async () => {
  const cluster = keep(await startRedisCluster());
  const client = keep(new Cluster(cluster.nodes.map(({ host, port }) => ({ host, port }))));
  client.on('error', () => undefined);
  const store = storeOn(client);
  const key = freshKey();
  let told = 0;
  await store.watch(key, () => told++);
  await Promise.all(cluster.nodes.map((node) => node.restart()));
  await cluster.ready();
  await until(() => told === 1);
  await put(store, key, 'value');
  await until(() => told === 2);
}, 40_000);

test('close ends every watch', async () => {
  const server = keep(await startRedis());
  const client = connect(server);
  const store = storeOn(client);
  const key = freshKey();
  let told = 0;
  const unwatch = await store.watch(key, () => told++);
  await store.close();
  await put(storeOn(client), key, 'value');
  await until(async () => (await subscribers(client)) === 0);
  expect(told).toBe(0);
  await unwatch();
});

test.each(['unwatch', 'close', 'lost'])(
  'a process whose watches have ended by %s ends by itself',
  async (how) => {
    const server = keep(await startRedis());
    const worker = spawn(
      process.execPath,
      [fileURLToPath(new URL('support/watching-worker.mjs', import.meta.url)), server.url, how],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(worker.stdout, 'data');
    if (how === 'lost') await server.kill();
    const start = performance.now();
    const [code] = (await once(worker, 'close')) as [number];
    expect(code).toBe(0);
    expect(performance.now() - start).toBeLessThan(8_000);
  },
);
