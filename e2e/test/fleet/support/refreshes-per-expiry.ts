import { expect } from '@jest/globals';
import { withWorkers } from '@mcp-oauth/e2e';
import { startBackend } from './backends.js';
import type { BackendName } from './backends.js';
import { measured } from './measurements.js';
import { fleetScene, secret } from './scene.js';

export interface Fleet {
  readonly backend: BackendName;
  readonly processes: number;
  readonly callers: number;
  readonly expiries: number;
  /** Absent: the defaults. */
  readonly refresh?: { readonly timeoutMs: number; readonly leaseMs: number };
}

interface Report {
  readonly calls: number;
  readonly slowestMs: number;
  readonly failed: number;
  readonly failures: readonly string[];
  readonly opened: number;
}

/** Seconds. A burst of a thousand callers may take more than one on a small machine. */
const TOKEN_TTL = 4;
const TICK_MS = 4_400;
const START_MS = 60_000;

/** Lets the fleet call through so many expiries, and expects one refresh for each and nothing else. */
export async function expectOneRefreshPerExpiry(fleet: Fleet): Promise<void> {
  const { backend: name, processes, callers, expiries, refresh } = fleet;
  const backend = await startBackend(name);
  const scene = await fleetScene(backend.address, { accessTokenTtl: TOKEN_TTL });
  try {
    const owner = 'fleet';
    await scene.login(owner);
    const deadlineMs = deadline(expiries);
    const input = {
      address: backend.address,
      resource: scene.resource,
      owner,
      secret,
      callers,
      tickMs: TICK_MS,
      refresh,
      identity: name !== 'redis',
    };
    const module = new URL('burst-worker.mjs', import.meta.url);
    const family = () => scene.server.families()[0]!;
    const reports = (await withWorkers(
      { module, count: processes, deadlineMs, input: () => input },
      async (workers) => {
        const results = Promise.all(workers.map((worker) => worker.result()));
        const done = async () => {
          while (family().generation <= expiries && family().revoked === undefined) await soon(200);
          for (const worker of workers) worker.send('stop');
        };
        await Promise.race([done(), results]);
        return results;
      },
    )) as readonly Report[];
    const perExpiry = scene.server.refreshesPerExpiry().map(({ refreshes }) => refreshes);
    const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
    const failed = sum(reports.map((report) => report.failed));
    measured('Refreshes per expiry, strict rotating server', {
      store: name,
      processes,
      'callers each': callers,
      expiries: perExpiry.length,
      calls: sum(reports.map(({ calls }) => calls)),
      'refreshes per expiry': (sum(perExpiry) / perExpiry.length).toFixed(3),
      'most for one': Math.max(...perExpiry),
      'failed calls': failed,
      'families revoked': scene.server.families().filter(({ revoked }) => revoked !== undefined).length,
      'slowest burst, ms': Math.round(Math.max(...reports.map(({ slowestMs }) => slowestMs))),
    });
    expect(reports.flatMap(({ failures }) => failures)).toEqual([]);
    expect(sum(reports.map(({ opened }) => opened))).toBe(0);
    expect(scene.server.families()).toHaveLength(1);
    expect(family().revoked).toBeUndefined();
    expect(family().maxInFlight).toBe(1);
    expect(perExpiry.length).toBeGreaterThanOrEqual(expiries);
    expect(new Set(perExpiry)).toEqual(new Set([1]));
  } finally {
    await scene.close();
    await backend.close();
  }
}

export function deadline(expiries: number): number {
  return START_MS + expiries * TICK_MS * 2;
}

function soon(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
