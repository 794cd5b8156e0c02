import { expect, test } from '@jest/globals';
import { StoreError } from '@mcp-oauth/core';
import type { Version } from '@mcp-oauth/core';
import { startRedisCluster, startRedisSentinel } from '@mcp-oauth/e2e/redis';
import { RedisTokenStore } from '@mcp-oauth/storage-redis';
import { Cluster, Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { bytes, connect, freshKey, keep, put, storeOn, text, until } from './support/stores.js';

/** Writes until it works, as a caller does who tries again. Any other error is not for trying again. */
async function insist(write: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  for (;;) {
    try {
      await write();
      return performance.now() - start;
    } catch (error) {
      const passing = error instanceof StoreError && ['unavailable', 'read_only'].includes(error.kind);
      if (!passing || performance.now() - start > 15_000) throw error;
    }
  }
}

test.each([
  ['ioredis 5', (options: SentinelAddress) => new Redis5(options)],
  ['ioredis 6', (options: SentinelAddress) => new Redis(options)],
])(
  'B41, B42: when its master is killed, a store over an ordinary Sentinel client of %s goes on at the promoted replica',
  async (_, open) => {
    const set = keep(await startRedisSentinel());
    const client = keep(open({ name: set.name, sentinels: [set.sentinel] }));
    client.on('error', () => undefined);
    const store = storeOn(client);
    await store.check();
    const key = freshKey();
    const watched = freshKey();
    let told = 0;
    await store.watch(watched, () => told++);
    const version = await put(store, key, 'before');
    await client.wait(1, 1_000);

    await set.master.kill();
    await set.promote();
    let current: Version | null = version;
    const tookMs = await insist(async () => {
      const result = await store.compareAndSet(key, current, bytes('after'));
      current = result.ok ? result.version : (result.current?.version ?? null);
    });
    expect(text(await store.get(key))).toBe('after');
    expect(tookMs).toBeLessThan(12_000);
    await until(() => told > 0);
    const before = told;
    await put(store, watched, 'value');
    await until(() => told > before);
  },
  40_000,
);

test('B41: when a master becomes a replica under its client, the client is led to the new master', async () => {
  const set = keep(await startRedisSentinel());
  const client = keep(new Redis({ name: set.name, sentinels: [set.sentinel] }));
  client.on('error', () => undefined);
  const store = storeOn(client);
  const key = freshKey();
  await put(store, key, 'before');
  await client.wait(1, 1_000);
  // By hand, and without ending its connections as a sentinel would.
  await connect(set.replica).call('REPLICAOF', 'NO', 'ONE');
  await connect(set.master).call('REPLICAOF', set.replica.host, String(set.replica.port));
  await connect(set.sentinel, { enableReadyCheck: false }).call('SENTINEL', 'REMOVE', set.name);
  await connect(set.sentinel, { enableReadyCheck: false }).call(
    'SENTINEL',
    'MONITOR',
    set.name,
    set.replica.host,
    String(set.replica.port),
    '1',
  );
  await insist(() => put(store, key, 'after'));
  expect(text(await storeOn(connect(set.replica)).get(key))).toBe('after');
}, 30_000);

test('when a node of a cluster is killed, its partitions are unavailable and the others are not, until it is back', async () => {
  const cluster = keep(
    await startRedisCluster({
      appendonly: true,
      directives: ['cluster-require-full-coverage no'],
      nodeTimeoutMs: 1_000,
    }),
  );
  const client = keep(new Cluster(cluster.nodes.map(({ host, port }) => ({ host, port }))));
  client.on('error', () => undefined);
  const store = keep(new RedisTokenStore({ client }));
  const keys = Array.from({ length: 30 }, freshKey);
  for (const key of keys) await put(store, key, key.partition);
  await cluster.nodes[0]!.kill();
  const answers = await Promise.all(
    keys.map((key) => store.get(key).then(text, (error: unknown) => (error as StoreError).kind)),
  );
  const lost = answers.filter((answer) => answer === 'unavailable').length;
  expect(lost).toBeGreaterThan(0);
  expect(lost).toBeLessThan(keys.length);
  expect(answers.filter((answer, index) => answer === keys[index]!.partition)).toHaveLength(
    keys.length - lost,
  );

  await cluster.nodes[0]!.restart();
  await cluster.ready();
  for (const key of keys) await insist(() => put(store, key, 'again'));
}, 40_000);

interface SentinelAddress {
  readonly name: string;
  readonly sentinels: { readonly host: string; readonly port: number }[];
}
