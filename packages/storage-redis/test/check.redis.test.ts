import { expect, test } from '@jest/globals';
import { startRedis, startRedisCluster } from '@mcp-oauth/e2e/redis';
import { Cluster } from 'ioredis';
import { connect, keep, storeFailure, storeOn } from './support/stores.js';

test('B45: check refuses a server that drops logins when its memory is full, and names the setting', async () => {
  const server = keep(await startRedis());
  const store = storeOn(connect(server));
  for (const policy of ['allkeys-lru', 'allkeys-lfu', 'allkeys-random']) {
    await connect(server).config('SET', 'maxmemory-policy', policy);
    const failure = await storeFailure(store.check());
    expect(failure.kind).toBe('misconfigured');
    expect(failure.message).toContain(`maxmemory-policy ${policy}`);
  }
  for (const policy of ['noeviction', 'volatile-ttl', 'volatile-lru']) {
    await connect(server).config('SET', 'maxmemory-policy', policy);
    await store.check();
  }
});

test('B45: one such node is enough to refuse a cluster', async () => {
  const cluster = keep(await startRedisCluster());
  const client = keep(new Cluster(cluster.nodes.map(({ host, port }) => ({ host, port }))));
  const store = storeOn(client);
  await store.check();
  await connect(cluster.nodes[2]!).config('SET', 'maxmemory-policy', 'allkeys-lru');
  const failure = await storeFailure(store.check());
  expect(failure.kind).toBe('misconfigured');
  expect(failure.message).toContain(String(cluster.nodes[2]!.port));

  for (const scaleReads of ['slave', 'all'] as const) {
    const reading = keep(
      new Cluster(
        cluster.nodes.map(({ host, port }) => ({ host, port })),
        { scaleReads },
      ),
    );
    await expect(storeOn(reading).check()).rejects.toThrow("Set scaleReads to 'master'");
  }
}, 30_000);

test('check refuses clients that read from replicas', async () => {
  const server = keep(await startRedis());
  const readOnly = storeOn(connect(server, { readOnly: true }));
  await expect(readOnly.check()).rejects.toMatchObject({ kind: 'misconfigured' });
  const slave = storeOn(
    connect(server, { sentinels: [server], name: 'mymaster', role: 'slave', lazyConnect: true }),
  );
  await expect(slave.check()).rejects.toThrow("Set its role to 'master'");
});

test('check leaves nothing behind but notes that go by themselves', async () => {
  const server = keep(await startRedis());
  const client = connect(server);
  await storeOn(client).check();
  for (const key of await client.keys('*')) {
    expect(key).toMatch(/:d:/);
    expect(await client.pttl(key)).toBeGreaterThan(0);
  }
});
