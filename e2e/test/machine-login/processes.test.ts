import { afterEach, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionSettings } from '@mcp-oauth/core';
import { withWorkers } from '@mcp-oauth/e2e';
import type { WorkerProcess, WorkersOptions } from '@mcp-oauth/e2e';
import { openTokenStore } from '@mcp-oauth/open-store';
import { Scene, secretClient } from './scene.js';

interface Outcome {
  readonly token?: string;
  readonly code?: string;
  readonly error?: string;
}

const processes = 4;
const calls = 20;

let scene: Scene;

afterEach(async () => {
  await scene.close();
});

async function storeAddress(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'machine-login-'));
  scene.closeLater(() => rm(directory, { recursive: true, force: true }));
  return `sqlite:${join(directory, 'tokens.db')}`;
}

function fleet(address: string, settings: SessionSettings): WorkersOptions {
  return {
    module: new URL('calling-worker.mjs', import.meta.url),
    count: processes,
    input: () => ({ store: address, resource: scene.mcp.url.href, settings, calls }),
  };
}

/** What every call in every process got, where all of them are sent in the same moment. `meanwhile` comes after it. */
async function callAtOnce(
  options: WorkersOptions,
  meanwhile?: (workers: readonly WorkerProcess[]) => Promise<void>,
): Promise<readonly Outcome[]> {
  const results = await withWorkers(options, async (workers) => {
    await Promise.all(workers.map((worker) => worker.next()));
    for (const worker of workers) worker.send('go');
    await meanwhile?.(workers);
    return await Promise.all(workers.map((worker) => worker.result()));
  });
  return (results as readonly (readonly Outcome[])[]).flat();
}

test('80 calls of 4 processes on an expired token cost one token request', async () => {
  scene = await Scene.start({ accessTokenTtl: 30, tokenLatencyMs: 100 });
  const { settings } = secretClient(scene.server);
  const address = await storeAddress();
  const store = await openTokenStore(address);
  scene.server.behaviour.accessTokenTtl = 1;
  await scene.session(settings, scene.oauth({ store })).accessToken();
  await store.close();
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  scene.server.behaviour.accessTokenTtl = 30;
  scene.server.clearLog();
  const outcomes = await callAtOnce(fleet(address, settings));
  expect(outcomes).toHaveLength(processes * calls);
  expect(new Set(outcomes.map(({ token }) => token)).size).toBe(1);
  expect(outcomes[0]?.token).toBeTruthy();
  expect(scene.tokenRequests()).toBe(1);
});

test('80 calls of 4 processes without any token cost one token request', async () => {
  scene = await Scene.start({ tokenLatencyMs: 100 });
  const { settings } = secretClient(scene.server);
  const outcomes = await callAtOnce(fleet(await storeAddress(), settings));
  expect(new Set(outcomes.map(({ token }) => token)).size).toBe(1);
  expect(scene.tokenRequests()).toBe(1);
});

test('a refusal reaches all that wait for it, in every process, with its code', async () => {
  // Who comes after a refusal asks for itself: it is given when everybody waits for it.
  let refuse: () => void = () => undefined;
  const waitedFor = new Promise<void>((resolve) => (refuse = resolve));
  scene = await Scene.start({ tokenGate: () => waitedFor });
  const { settings } = secretClient(scene.server);
  const wrong = { ...settings, clientSecret: 'another-secret-than-theirs' };
  const outcomes = await callAtOnce(fleet(await storeAddress(), wrong), async (workers) => {
    let waiting = 0;
    const count = () => (waiting += 1);
    // One that has ended is waited for no longer: its result tells.
    for (const worker of workers) worker.next().then(count, count);
    while (waiting + scene.tokenRequests() < processes)
      await new Promise((resolve) => setTimeout(resolve, 20));
    refuse();
  });
  expect(outcomes).toEqual(
    Array.from({ length: processes * calls }, () => ({
      code: 'token_request_failed',
      error: 'invalid_client',
    })),
  );
  expect(scene.tokenRequests()).toBe(1);
});

test('a process that is killed while it asks is replaced by one that waits for it', async () => {
  scene = await Scene.start({ tokenLatencyMs: 0 });
  const { settings } = secretClient(scene.server);
  const options = fleet(await storeAddress(), settings);
  scene.server.behaviour.tokenLatencyMs = 60_000;
  const outcomes = await withWorkers({ ...options, count: 2 }, async ([first, second]) => {
    await Promise.all([first!.next(), second!.next()]);
    first!.send('go');
    while (scene.tokenRequests() === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    second!.send('go');
    scene.server.behaviour.tokenLatencyMs = 0;
    await new Promise((resolve) => setTimeout(resolve, 200));
    await first!.kill();
    return await second!.result();
  });
  expect(outcomes).toHaveLength(calls);
  expect((outcomes as readonly Outcome[]).every(({ token }) => token !== undefined)).toBe(true);
  expect(scene.tokenRequests()).toBe(2);
});
