import { randomInt } from 'node:crypto';
import { expect } from '@jest/globals';
import { seededRandom, withWorkers } from '@mcp-oauth/e2e';
import type { WorkerProcess } from '@mcp-oauth/e2e';
import { startBackend } from './backends.js';
import type { BackendName } from './backends.js';
import { measured } from './measurements.js';
import { inRun } from './run-length.js';
import { fleetScene, secret } from './scene.js';
import { soon } from './trials.js';

const KILLS = inRun({ short: 10, long: 60 });
const PROCESSES = 4;
const OWNERS = Array.from({ length: 6 }, (_, index) => `owner-${String(index + 1)}`);
export const randomKillsDeadlineMs = 60_000 + KILLS * 3_000;

/** Kills processes at random moments while all of them write all the time, and starts another one for each. */
export async function expectRandomKillsToLoseNothing(name: BackendName): Promise<void> {
  const seed = randomInt(2 ** 31);
  const random = seededRandom(seed);
  const backend = await startBackend(name);
  // The server forgives a lost answer, so that every grant has to live.
  const scene = await fleetScene(backend.address, { accessTokenTtl: 1, rotation: 'lenient' });
  const failures: unknown[] = [];
  const input = {
    address: backend.address,
    resource: scene.resource,
    owners: OWNERS,
    secret,
    refresh: { timeoutMs: 3_000, leaseMs: 6_000 },
    identity: name !== 'redis',
  };
  const module = new URL('calling-worker.mjs', import.meta.url);
  const listen = async (worker: WorkerProcess) => {
    // Ends with the process.
    for (;;) {
      const told = await worker.next().catch(() => undefined);
      if (told === undefined) return;
      if (told !== 'ready') failures.push(told);
    }
  };
  try {
    for (const owner of OWNERS) await scene.login(owner);
    const lane = async (kills: number) => {
      for (let life = 0; life <= kills; life++) {
        const isLast = life === kills;
        await withWorkers(
          { module, count: 1, deadlineMs: randomKillsDeadlineMs, input: () => input },
          async ([worker]) => {
            expect(await worker!.next()).toBe('ready');
            void listen(worker!);
            await soon(isLast ? 2_000 : 200 + random() * 1_500);
            if (!isLast) return worker!.kill();
            worker!.send('stop');
            return worker!.result();
          },
        );
      }
    };
    const share = Math.ceil(KILLS / PROCESSES);
    const began = performance.now();
    await Promise.all(Array.from({ length: PROCESSES }, () => lane(share)));
    const families = scene.server.families();
    measured('SIGKILL of processes at random, each calling for 6 owners, on a server that forgives once', {
      store: name,
      kills: share * PROCESSES,
      seconds: Math.round((performance.now() - began) / 1_000),
      refreshes: families.reduce((sum, { refreshes }) => sum + refreshes.length, 0),
      'failed calls': failures.length,
      'grants lost': families.filter(({ revoked }) => revoked !== undefined).length,
    });
    expect({ seed, failures }).toEqual({ seed, failures: [] });
    expect(families).toHaveLength(OWNERS.length);
    expect(families.map(({ revoked }) => revoked)).toEqual(OWNERS.map(() => undefined));
  } finally {
    await scene.close();
    await backend.close();
  }
}
