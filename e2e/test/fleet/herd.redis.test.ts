import { expect, test } from '@jest/globals';
import { withWorkers } from '@mcp-oauth/e2e';
import { startBackend } from './support/backends.js';
import { measured } from './support/measurements.js';
import { fleetScene, secret } from './support/scene.js';
import { soon } from './support/trials.js';

const PROCESSES = 20;
const SESSIONS = 50;
const LATENCY_MS = 200;

/** What is asked of the store in this time is a few looks; on a machine that takes longer come those of a waiter that has slowed down. */
const SHORT_WAIT_MS = 2_000;
const SLOW_LOOK_MS = 250;

interface Report {
  readonly waits: readonly number[];
  readonly touches: readonly number[];
  readonly opened: number;
}

test.each([
  ['looks by itself', false, 6],
  ['is told of changes', true, 3],
])(
  'B25: of 20 processes with 50 hosts each that wake on one expired grant one refreshes, and who %s asks the store little',
  async (waiter, watch, most) => {
    const backend = await startBackend('redis');
    const scene = await fleetScene(backend.address, {
      tokenLatencyMs: LATENCY_MS,
      tokenResponse: (response, { generation }) =>
        generation === 1 ? { ...response, expires_in: 1 } : response,
    });
    try {
      const owner = 'herd';
      await scene.login(owner);
      const input = {
        address: backend.address,
        resource: scene.resource,
        owner,
        secret,
        sessions: SESSIONS,
        watch,
      };
      const module = new URL('support/herd-worker.mjs', import.meta.url);
      const reports = (await withWorkers(
        { module, count: PROCESSES, deadlineMs: 60_000, input: () => input },
        async (workers) => {
          await Promise.all(workers.map((worker) => worker.next()));
          await soon(1_000);
          for (const worker of workers) worker.send('wake');
          return Promise.all(workers.map((worker) => worker.result()));
        },
      )) as readonly Report[];
      const touches = reports.flatMap((report) => report.touches).sort((one, other) => one - other);
      const waits = reports.flatMap((report) => report.waits).sort((one, other) => one - other);
      measured(
        `${String(PROCESSES)} processes × ${String(SESSIONS)} hosts wake on one expired grant, Redis`,
        {
          waiter,
          'token requests': scene.server.counts().token - 1,
          'store operations, median': touches[touches.length / 2]!,
          'most of a waiter': touches.at(-2)!,
          'of the one that refreshed': touches.at(-1)!,
          'p99 wait, ms': Math.round(waits[Math.floor(waits.length * 0.99)]!),
        },
      );
      expect(scene.server.families()[0]?.refreshes).toHaveLength(1);
      expect(reports.reduce((sum, { opened }) => sum + opened, 0)).toBe(0);
      const excess = reports.flatMap((report) =>
        report.touches.map((count, host) => {
          const longer = Math.max(0, (report.waits[host] ?? 0) - SHORT_WAIT_MS);
          return count - most - Math.ceil(longer / SLOW_LOOK_MS);
        }),
      );
      // One of them refreshed: read, lease, read and commit.
      expect(excess.filter((count) => count > 0).length).toBeLessThanOrEqual(1);
      expect(Math.max(...excess)).toBeLessThanOrEqual(6 - most);
    } finally {
      await scene.close();
      await backend.close();
    }
  },
  90_000,
);
