import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { startRedis } from '@mcp-oauth/e2e/redis';
import { outcomeOf } from './support/host.js';
import { redisClient } from './support/redis-clients.js';
import { admin, faultyRedis, redisFaults } from './support/redis-faults.js';
import { Scene } from './support/scene.js';

test.each(redisFaults)(
  'B38: a token that was renewed when Redis $name is used from memory, and stored for the others by itself',
  async ({ kind, begin }) => {
    const redis = await startRedis(faultyRedis);
    const run = Scene.run(async (scene) => {
      const host = scene.host(redisClient(redis));
      const other = scene.host(redisClient(redis));
      await host.login();
      await host.connect();
      const first = await host.token();
      expect(await other.token()).toBe(first);
      scene.server.clearLog();

      let end = (): Promise<unknown> => Promise.reject(new Error('Nothing was renewed.'));
      host.onRefreshed = async () => {
        end = await begin(redis);
      };
      scene.expire();
      const renewed = await host.token();
      expect(renewed).not.toBe(first);
      await host.call();
      expect(host.told('store_trouble')).toContainEqual(expect.objectContaining({ kind, unsaved: true }));
      expect(host.told('store_recovered')).toEqual([]);
      const others = other.recovered();

      await end();
      expect(await others).toBe(renewed);
      while (host.told('store_recovered').length === 0) await sleep(20);
      const cold = scene.host(redisClient(redis));
      expect(await cold.session.status()).toMatchObject({ state: 'logged_in', generation: 2 });
      expect(await cold.token()).toBe(renewed);
      expect(scene.tokenRequests).toBe(1);

      // What was stored is the whole grant: another host goes on with it.
      scene.expire();
      const next = await cold.token();
      expect(await Promise.all([host.token(), other.token()])).toEqual([next, next]);
      scene.expectOneLiving(3);
      scene.expectNobodyAsked();
    });
    await run.finally(() => redis.close());
  },
  90_000,
);

test('B47: nobody notices that Redis has forgotten the scripts, before a refresh and in the middle of one', async () => {
  const redis = await startRedis();
  const run = Scene.run(async (scene) => {
    const host = scene.host(redisClient(redis));
    await host.login();
    await host.connect();
    const first = await host.token();
    host.onRefreshed = () => admin(redis, 'SCRIPT', 'FLUSH');
    await admin(redis, 'SCRIPT', 'FLUSH');
    await admin(redis, 'CONFIG', 'RESETSTAT');
    scene.expire();
    const tokens = await Promise.all(Array.from({ length: 5 }, () => host.token()));
    expect(new Set(tokens).size).toBe(1);
    expect(tokens).not.toContain(first);
    await host.call();
    // The lease and the commit have both met it.
    expect(await admin(redis, 'INFO', 'errorstats')).toContain('errorstat_NOSCRIPT:count=2');
    expect(host.events.map(({ type }) => type)).toEqual([
      'client_registered',
      'authorization_begun',
      'authorization_completed',
      'refreshed',
    ]);
    scene.expectOneLiving(2);
    scene.expectNobodyAsked();
  });
  await run.finally(() => redis.close());
}, 30_000);

test('a token that the MCP server refuses while Redis is away is no reason to ask anybody to log in', async () => {
  const redis = await startRedis({ appendonly: true });
  const run = Scene.run(async (scene) => {
    const host = scene.host(redisClient(redis));
    await host.login();
    await host.connect();
    scene.server.clearLog();
    await redis.kill();
    scene.mcp.revokeAllTokens();
    expect(await outcomeOf(host.call().then(() => 'called'))).toMatchObject({ code: 'store_failed' });
    expect(scene.tokenRequests).toBe(0);
    await redis.restart();
    await host.recoveredCall();
    expect(scene.tokenRequests).toBe(1);
    scene.expectOneLiving(2);
    scene.expectNobodyAsked();
  });
  await run.finally(() => redis.close());
}, 60_000);
