import { expect, test } from '@jest/globals';
import { startProxy, startRedis } from '@mcp-oauth/e2e/redis';
import { outcomeOf } from './support/host.js';
import { redisClient } from './support/redis-clients.js';
import { Scene } from './support/scene.js';

/** A lease lasts 60 s where nothing is known of its holder. */
const LEASE_SHARE_MS = 15_000;

test('B50: a lease that was written without its holder hearing of it holds nobody up once the holder is back', async () => {
  const redis = await startRedis({ appendonly: true });
  const proxy = await startProxy(redis);
  const run = Scene.run(async (scene) => {
    const host = scene.host(redisClient(proxy));
    const other = scene.host(redisClient(redis));
    await host.login();
    await other.token();
    scene.server.clearLog();
    scene.expire();
    const lost = proxy.loseReplyTo('evalsha');
    const refused = outcomeOf(host.token());
    await lost;
    await proxy.down();
    expect(await refused).toMatchObject({ code: 'store_failed' });
    expect(scene.tokenRequests).toBe(0);

    await proxy.up();
    const began = performance.now();
    const [token, others] = await Promise.all([host.recovered(), other.recovered()]);
    expect(performance.now() - began).toBeLessThan(LEASE_SHARE_MS);
    expect(others).toBe(token);
    expect(scene.tokenRequests).toBe(1);
    scene.expectOneLiving(2);
    scene.expectNobodyAsked();
  });
  await run.finally(async () => {
    await proxy.close();
    await redis.close();
  });
}, 90_000);
