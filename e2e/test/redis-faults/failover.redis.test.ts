import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { startRedisSentinel } from '@mcp-oauth/e2e/redis';
import type { RedisSentinel } from '@mcp-oauth/e2e/redis';
import { outcomeOf } from './support/host.js';
import type { Host } from './support/host.js';
import { redisClient, sentinelClient } from './support/redis-clients.js';
import { admin, NOWHERE } from './support/redis-faults.js';
import { Scene } from './support/scene.js';

const DEADLINE_MS = 60_000;

async function withSentinel(body: (set: RedisSentinel, scene: Scene) => Promise<void>): Promise<void> {
  const set = await startRedisSentinel();
  await Scene.run((scene) => body(set, scene)).finally(() => set.close());
}

/** Lets a host see what one server has, whatever it is in the set. */
async function generationAt(host: Host): Promise<number | undefined> {
  return (await host.session.status()).generation;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50);
}

test(
  'B41: while no master is there, what is good is served and nothing is spent; at the promoted replica one refresh serves all',
  () =>
    withSentinel(async (set, scene) => {
      const host = scene.host(sentinelClient(set));
      const other = scene.host(sentinelClient(set));
      const replica = scene.host(redisClient(set.replica));
      await host.login();
      const first = await host.token();
      expect(await other.token()).toBe(first);
      await host.connect();
      await until(async () => (await generationAt(replica)) === 1);
      scene.server.clearLog();

      await set.master.kill();
      await host.call();
      expect(await Promise.all([host.token(), other.token()])).toEqual([first, first]);
      scene.expire();
      const outcomes = await Promise.all([host, other].map((one) => outcomeOf(one.token())));
      const failure = expect.objectContaining({ code: 'store_failed', kind: 'unavailable' });
      expect(outcomes).toEqual([failure, failure]);
      expect(scene.tokenRequests).toBe(0);

      await set.promote();
      const tokens = await Promise.all([host, host, other, other].map((one) => one.recovered()));
      expect(new Set(tokens).size).toBe(1);
      expect(tokens).not.toContain(first);
      await host.call();
      expect(await generationAt(replica)).toBe(2);
      expect(scene.tokenRequests).toBe(1);
      scene.expectOneLiving(2);
      scene.expectNobodyAsked();
    }),
  DEADLINE_MS,
);

test(
  'B38, B41: a token that was renewed when the master was killed is stored at the promoted replica',
  () =>
    withSentinel(async (set, scene) => {
      const host = scene.host(sentinelClient(set));
      const other = scene.host(sentinelClient(set));
      const replica = scene.host(redisClient(set.replica));
      await host.login();
      const first = await other.token();
      await until(async () => (await generationAt(replica)) === 1);
      scene.server.clearLog();

      host.onRefreshed = async () => {
        await set.master.kill();
        await set.promote();
      };
      scene.expire();
      const renewed = await host.token();
      expect(renewed).not.toBe(first);
      await until(async () => (await generationAt(replica)) === 2);
      expect(await other.recovered()).toBe(renewed);
      expect(scene.tokenRequests).toBe(1);
      scene.expectOneLiving(2);
      scene.expectNobodyAsked();
    }),
  DEADLINE_MS,
);

test.each([
  ['which uses it while it is good', false],
  ['which has to renew it', true],
])(
  'B42: a renewed token that the failover has lost is put back by the host that still has it, %s',
  (_, hasExpired) =>
    withSentinel(async (set, scene) => {
      const host = scene.host(sentinelClient(set));
      const replica = scene.host(redisClient(set.replica));
      await host.login();
      await host.connect();
      await until(async () => (await generationAt(replica)) === 1);

      await admin(set.replica, 'REPLICAOF', ...NOWHERE);
      scene.expire();
      const renewed = await host.token();
      expect(await generationAt(host)).toBe(2);
      await set.master.kill();
      await set.promote();
      expect(await generationAt(replica)).toBe(1);

      await until(async () => (await admin(set.replica, 'ROLE')).startsWith('master'));
      if (hasExpired) scene.expire();
      const used = await host.recovered();
      if (!hasExpired) expect(used).toBe(renewed);
      await until(async () => {
        expect(await host.token()).toBe(used);
        return (await generationAt(replica)) === (hasExpired ? 3 : 2);
      });
      await host.call();

      const other = scene.host(sentinelClient(set));
      expect(await other.recovered()).toBe(used);
      scene.expire();
      const next = await other.token();
      expect(await host.token()).toBe(next);
      expect(host.told('store_recovered')).toHaveLength(1);
      scene.expectOneLiving(hasExpired ? 4 : 3);
      scene.expectNobodyAsked();
    }),
  DEADLINE_MS,
);
