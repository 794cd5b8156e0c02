import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { platform } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { runGroup } from '../src/suite/process-group.js';

const client = fileURLToPath(new URL('fake-client.mjs', import.meta.url));
let directory: string;
let pidFile: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'conformance-test-'));
  pidFile = join(directory, 'pid');
});

afterEach(async () => {
  jest.useRealTimers();
  await rm(directory, { recursive: true, force: true });
});

const run = (behaviour: string, options: { timeoutMs?: number; signal?: AbortSignal } = {}) =>
  runGroup([process.execPath, client, behaviour, pidFile], { timeoutMs: 10_000, ...options });

async function startedByClient(): Promise<number> {
  return Number(await readFile(pidFile, 'utf8'));
}

/** Waits until the client has told which process it started, and fails after 10 s. */
async function clientHasStarted(): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if ((await readFile(pidFile, 'utf8').catch(() => '')) !== '') return;
    await delay(20);
  }
  throw new Error('The client has started no process.');
}

/** Whether a process goes within 5 s. */
async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    if (!(await isRunning(pid))) return true;
    await delay(50);
  }
  return false;
}

/** Its parent is gone, so that on some machines nobody takes note of its end: Linux says whether it is dead already. */
async function isRunning(pid: number): Promise<boolean> {
  if (platform === 'linux') {
    const state = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => ' Z ');
    return !state.includes(' Z ');
  }
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('a command that ends by itself is left alone, and says how it ended', async () => {
  await expect(run('completes')).resolves.toEqual({
    exitCode: 0,
    timedOut: false,
    leftOver: false,
    output: 'ended: completed\n',
  });
  await expect(run('fails')).resolves.toMatchObject({ exitCode: 1 });
  await expect(run('dies')).resolves.toMatchObject({ exitCode: undefined });
});

test('a client that never exits is killed by the watchdog, and its grandchildren with it', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  const running = run('never-exits', { timeoutMs: 1_500 });
  // However long the client takes to start, its time is over only after that.
  await clientHasStarted().finally(() => jest.advanceTimersByTime(1_500));
  await expect(running).resolves.toMatchObject({ exitCode: undefined, timedOut: true });
  await expect(isGone(await startedByClient())).resolves.toBe(true);
});

test('what a command leaves behind is told of, and killed', async () => {
  await expect(run('leaves-one-behind')).resolves.toMatchObject({ exitCode: 0, leftOver: true });
  await expect(isGone(await startedByClient())).resolves.toBe(true);
});

test('a process that left the group and holds its pipes does not hold the run', async () => {
  await expect(run('lets-one-go')).resolves.toMatchObject({ exitCode: 0, timedOut: false });
  const pid = await startedByClient();
  await expect(isRunning(pid)).resolves.toBe(true);
  process.kill(pid, 'SIGKILL');
});

test('a run that is given up ends its whole group before it rejects', async () => {
  const giveUp = new AbortController();
  const running = run('never-exits', { signal: giveUp.signal });
  await clientHasStarted();
  giveUp.abort(new Error('given up'));
  await expect(running).rejects.toThrow('given up');
  await expect(isGone(await startedByClient())).resolves.toBe(true);
});
