import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { withWorkers } from '@mcp-oauth/e2e';
import { startRedis } from '@mcp-oauth/e2e/redis';
import type { RedisServer } from '@mcp-oauth/e2e/redis';
import { redisClient } from './support/redis-clients.js';
import { redisFaults } from './support/redis-faults.js';
import { Scene, secret } from './support/scene.js';

/** Memory is looked at again after 5 s of use. A token lives for an hour. */
const HEARD_WITHIN_MS = 6_000;
/** Who lost what memory has at the first look would have asked Redis in vain before the end. */
const OUTAGE_MS = 10_000;
const PROCESSES = 2;

interface Served {
  readonly served: number;
  /** Unix time in milliseconds. */
  readonly lastServedAt: number;
  /** Between two uses that were served. */
  readonly longestGapMs: number;
  /** How many uses were served after something else than memory was asked. */
  readonly waited: number;
  readonly ended: { readonly code: string; readonly reason?: string } | null;
  readonly opened: number;
}

interface Serving {
  readonly redis: RedisServer;
  readonly scene: Scene;
  /** Resolves when no process uses the login any more. */
  readonly ended: Promise<unknown>;
}

/** Two processes that use one login all the time. They are told to stop when `body` ends. */
async function whileServed(body: (serving: Serving) => Promise<void>): Promise<Served[]> {
  const redis = await startRedis({ appendonly: true });
  let reports: Served[] = [];
  const run = Scene.run(async (scene) => {
    await scene.host(redisClient(redis)).login();
    const { resource } = scene;
    const input = { port: redis.port, host: redis.host, resource, secret };
    const module = new URL('serving-worker.mjs', import.meta.url);
    const options = { module, count: PROCESSES, input: () => input, deadlineMs: 50_000 };
    reports = (await withWorkers(options, async (workers) => {
      await Promise.all(workers.map((worker) => worker.next()));
      const ended = Promise.all(workers.map((worker) => worker.result()));
      await body({ redis, scene, ended });
      for (const worker of workers) worker.send('stop');
      return ended;
    })) as Served[];
  });
  await run.finally(() => redis.close());
  return reports;
}

test('a login that one process revokes is used by no other 6 s later', async () => {
  let revokedAt = Infinity;
  const reports = await whileServed(async ({ redis, scene, ended }) => {
    const report = await scene.host(redisClient(redis)).session.revoke();
    revokedAt = Date.now();
    expect(report).toEqual({ refresh_token: 'revoked', access_token: 'revoked' });
    await Promise.race([ended, sleep(4 * HEARD_WITHIN_MS, undefined, { ref: false })]);
  });
  for (const { served, lastServedAt, longestGapMs, ended, opened } of reports) {
    expect(served).toBeGreaterThan(1);
    // The promise is about use: a process that stood still looks at its memory with the next one.
    expect(lastServedAt - revokedAt).toBeLessThan(HEARD_WITHIN_MS + longestGapMs);
    expect(ended).toEqual({ code: 'authorization_required', reason: 'no_grant' });
    expect(opened).toBe(0);
  }
}, 60_000);

test.each(redisFaults.filter(({ name }) => name === 'is killed' || name === 'hangs'))(
  '$id: a Redis that $name for longer than memory is trusted ends no use of what has not expired',
  async ({ begin }) => {
    let endedAt = Infinity;
    const reports = await whileServed(async ({ redis, scene }) => {
      scene.server.clearLog();
      const end = await begin(redis);
      await sleep(OUTAGE_MS);
      await end();
      endedAt = Date.now();
      // Until memory was looked at again, over a Redis that is back.
      await sleep(HEARD_WITHIN_MS);
      expect(scene.tokenRequests).toBe(0);
      scene.expectOneLiving(1);
      scene.expectNobodyAsked();
    });
    for (const { lastServedAt, waited, ended, opened } of reports) {
      expect(ended).toBeNull();
      expect(lastServedAt).toBeGreaterThan(endedAt);
      // The first one has asked Redis.
      expect(waited).toBe(1);
      expect(opened).toBe(0);
    }
  },
  60_000,
);
