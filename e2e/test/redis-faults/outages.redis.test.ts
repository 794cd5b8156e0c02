import { expect, test } from '@jest/globals';
import { startRedis } from '@mcp-oauth/e2e/redis';
import { outcomeOf } from './support/host.js';
import { redisClient } from './support/redis-clients.js';
import { faultyRedis, redisFaults } from './support/redis-faults.js';
import { Scene } from './support/scene.js';

const CALLS = 5;
/** Of the lifetime: late, so that the token is renewed before it is used if that is possible. */
const LAST_SHARE = 0.0025;

test.each(redisFaults)(
  '$id: while Redis $name, what is good is served, nothing is spent and nobody is asked; then one refresh serves all',
  async ({ kind, says, readable, begin }) => {
    const redis = await startRedis(faultyRedis);
    const run = Scene.run(async (scene) => {
      const { server } = scene;
      // As most hosts make it, and one that is told by Redis itself why not.
      const host = scene.host(redisClient(redis));
      const told = scene.host(redisClient(redis, { enableReadyCheck: false }));
      await host.login();
      const first = await host.token();
      for (const one of [host, told]) await one.connect();
      expect(await told.token()).toBe(first);
      server.clearLog();

      const end = await begin(redis);
      for (const one of [host, told]) await one.call();
      expect(await Promise.all([host.token(), told.token()])).toEqual([first, first]);
      scene.leave(LAST_SHARE);
      expect(await Promise.all([host.token(), told.token()])).toEqual([first, first]);
      expect(scene.tokenRequests).toBe(0);

      scene.expire();
      const cold = scene.host(redisClient(redis));
      const uses = [
        ...Array.from({ length: CALLS }, () => told.token()),
        ...Array.from({ length: CALLS }, () => host.token()),
        host.call().then(() => 'called'),
        host.session.authorize().then(() => 'logged in'),
        cold.token(),
      ];
      const status = outcomeOf(cold.session.status().then(({ state }) => state));
      const outcomes = await Promise.all(uses.map(outcomeOf));
      expect(outcomes).toEqual(outcomes.map(() => expect.objectContaining({ code: 'store_failed', kind })));
      for (const outcome of outcomes.slice(0, CALLS))
        expect(outcome).toMatchObject({ message: expect.stringMatching(says) });
      expect(await status).toMatchObject(readable ? { value: 'logged_in' } : { code: 'store_failed' });
      expect(scene.tokenRequests).toBe(0);

      await end();
      const hosts = [host, told, cold];
      const tokens = await Promise.all(
        hosts.flatMap((one) => Array.from({ length: CALLS }, () => one.recovered())),
      );
      expect(new Set(tokens).size).toBe(1);
      expect(tokens).not.toContain(first);
      await host.call();
      expect(scene.tokenRequests).toBe(1);
      scene.expectOneLiving(2);
      scene.expectNobodyAsked();
    });
    await run.finally(() => redis.close());
  },
  90_000,
);
