import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { person, withWorkers } from '@mcp-oauth/e2e';
import type { WorkerProcess } from '@mcp-oauth/e2e';
import { Scene } from './scene.js';

let scene: Scene;
let directory: string;

beforeEach(async () => {
  scene = await Scene.start();
  directory = await mkdtemp(join(tmpdir(), 'mcp-oauth-device-'));
});
afterEach(async () => {
  await scene.close();
  await rm(directory, { recursive: true, force: true });
});

/** Runs processes that log in by a code, all at once, as long as `body` runs. */
async function atOnce(
  count: number,
  body: (workers: readonly WorkerProcess[]) => Promise<void>,
): Promise<void> {
  const input = { directory: join(directory, 'store'), resource: scene.mcp.url.href };
  const module = new URL('showing-worker.mjs', import.meta.url);
  await withWorkers({ module, count, input: () => input }, async (workers) => {
    for (const worker of workers) expect(await worker.next()).toBe('ready');
    for (const worker of workers) worker.send('go');
    await body(workers);
  });
}

interface Showing {
  readonly worker: WorkerProcess;
  readonly page: string;
}

/** What each of them will show, if it does. */
function codesOf(workers: readonly WorkerProcess[]): readonly Promise<Showing>[] {
  const codes = workers.map(async (worker) => ({ worker, page: String(await worker.next()) }));
  for (const code of codes) code.catch(() => undefined);
  return codes;
}

test(
  'four processes at once register once and show one code, and all get its token',
  () =>
    atOnce(4, async (workers) => {
      const { page } = await Promise.any(codesOf(workers));
      await person.approveDevice(page);
      const results = await Promise.all(workers.map((worker) => worker.result()));
      expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
      expect(results[0]).toHaveProperty('fingerprint');
      expect(scene.server.counts()).toMatchObject({ register: 1, device_authorization: 1, device: 1 });
      expect(scene.server.families()).toHaveLength(1);
    }),
  40_000,
);

test(
  'a person who declines is asked once, however many processes wait',
  () =>
    atOnce(4, async (workers) => {
      const { page } = await Promise.any(codesOf(workers));
      await person.approveDevice(page, { decision: 'deny' });
      const results = await Promise.all(workers.map((worker) => worker.result()));
      expect(results).toEqual(workers.map(() => ({ code: 'authorization_denied' })));
      expect(scene.server.counts()).toMatchObject({ device_authorization: 1 });
    }),
  40_000,
);

test(
  'kill -9 of the process that waits for the person: another one goes on with a code of its own',
  () =>
    atOnce(2, async (workers) => {
      const codes = codesOf(workers);
      const first = await Promise.any(codes);
      await first.worker.kill();
      const second = await Promise.any(codes.filter((_, index) => workers[index] !== first.worker));
      expect(second.page).not.toBe(first.page);
      await person.approveDevice(second.page);
      expect(await second.worker.result()).toHaveProperty('fingerprint');
      // The code of the dead one is of no use to whoever approves it now: nobody asks for its tokens.
      await person.approveDevice(first.page);
      expect(scene.server.families()).toHaveLength(1);
      expect(scene.server.counts()).toMatchObject({ register: 1, device_authorization: 2 });
    }),
  40_000,
);
