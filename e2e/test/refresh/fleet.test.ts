import { expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withWorkers } from '@mcp-oauth/e2e';
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import { loggedIn } from './logged-in.js';

const EXPIRIES = 20;

interface Report {
  readonly calls: number;
  readonly failed: number;
  readonly failures: readonly string[];
  readonly opened: number;
}

test('B23: 8 processes with 5 calls each on one file store refresh once per expiry, and none fails', async () => {
  const directory = join(await mkdtemp(join(tmpdir(), 'mcp-oauth-fleet-')), 'store');
  const store = new FileTokenStore({ directory });
  const session = await loggedIn(2, { store });
  const input = {
    directory,
    resource: session.resource,
    callers: 5,
    identity: true,
    refresh: { timeoutMs: 1_500, leaseMs: 3_000 },
  };
  const options = { module: new URL('calling-worker.mjs', import.meta.url), count: 8, input: () => input };
  try {
    const reports = (await withWorkers(options, async (workers) => {
      const until = Date.now() + 100_000;
      while ((session.server.families()[0]?.generation ?? 0) <= EXPIRIES && Date.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      for (const worker of workers) worker.send('stop');
      return Promise.all(workers.map((worker) => worker.result()));
    })) as readonly Report[];
    const [family, ...others] = session.server.families();
    expect(reports.flatMap(({ failures }) => failures)).toEqual([]);
    expect(reports.map(({ opened }) => opened)).toEqual(Array.from({ length: 8 }, () => 0));
    expect(others).toEqual([]);
    expect(family?.revoked).toBeUndefined();
    expect(family?.generation).toBeGreaterThan(EXPIRIES);
    expect(family?.maxInFlight).toBe(1);
    expect(session.server.refreshesPerExpiry().map(({ refreshes }) => refreshes)).toEqual(
      Array.from({ length: (family?.generation ?? 0) - 1 }, () => 1),
    );
  } finally {
    await session.close();
    await rm(join(directory, '..'), { recursive: true, force: true });
  }
}, 150_000);
