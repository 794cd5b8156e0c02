import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from '@jest/globals';
import { withWorkers } from '../src/processes/with-workers.js';
import { WorkerFailure, WorkerProcess } from '../src/processes/worker-process.js';
import { fileHarness } from './support/file-harness.js';

const pathOf = (name: string) => fileURLToPath(new URL(`support/${name}`, import.meta.url));
const files = fileHarness();
const key = { partition: 'p', id: 'r' };
afterAll(() => {
  files.remove();
});

test('a worker dies with whoever started it, even if that is killed', async () => {
  const [directory = ''] = files.worker.args ?? [];
  const parent = fork(pathOf('abandoning-parent.mjs'), [pathOf('file-worker.mjs'), directory], {
    execArgv: [],
  });
  const [pid] = (await once(parent, 'message')) as [number];
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  for (const until = Date.now() + 10_000; isAlive(pid) && Date.now() < until;) await delay(20);
  expect(isAlive(pid)).toBe(false);
});

test('workers are gone when the body has ended, in whatever way, and stopped ones too', async () => {
  const pids: (number | undefined)[] = [];
  const body = withWorkers(files.worker, 2, (workers) => {
    pids.push(...workers.map(({ pid }) => pid));
    workers[0]?.stop();
    return Promise.reject(new Error('the body fails'));
  });
  await expect(body).rejects.toThrow('the body fails');
  expect(pids.map((pid) => pid !== undefined && isAlive(pid))).toEqual([false, false]);
});

test('a worker that can not open the store says why', async () => {
  const module = pathOf('hanging-worker.mjs');
  const opening = withWorkers({ module, args: ['refuses'] }, 1, () => Promise.resolve());
  await expect(opening).rejects.toThrow('The worker could not open the store: No server is there.');
  await expect(opening).rejects.toMatchObject({ code: 'store_failed' });
});

test('a worker that does not open the store, or whose module is none, tells what it printed', async () => {
  const hanging = new WorkerProcess({ module: pathOf('hanging-worker.mjs'), args: ['waits'] });
  while (!hanging.lateFailure().message.includes('looking')) await delay(10);
  await hanging.kill();
  await expect(hanging.ready).rejects.toThrow('It printed: looking for the server');
  const missing = new WorkerProcess({ module: pathOf('no-such-worker.mjs') });
  await expect(missing.ready).rejects.toThrow('no-such-worker.mjs');
});

test('what a worker was at when it was killed rejects, and so does what it is told later', async () => {
  await withWorkers(files.worker, 1, async ([worker]) => {
    const command = worker?.run('increment', { key, times: 1_000_000 });
    expect(await command?.next()).toBe(1);
    await worker?.kill();
    await worker?.kill();
    await expect(command?.result).rejects.toBeInstanceOf(WorkerFailure);
    await expect(worker?.run('get', { key }).result).rejects.toBeInstanceOf(WorkerFailure);
  });
});

test('an error of the store keeps its code, an unknown command is refused, and a violation stays one', async () => {
  await withWorkers(files.worker, 1, async ([worker]) => {
    await expect(worker?.run('no such command', null).result).rejects.toThrow('no such command');
    await files.fail(true);
    await expect(worker?.run('get', { key }).result).rejects.toMatchObject({ code: 'store_failed' });
    await files.fail(false);
    const store = await files.open();
    const torn = { ...key, id: 'torn' };
    await store.compareAndSet(torn, null, new TextEncoder().encode('half of a co'));
    await expect(worker?.run('get', { key: torn }).result).rejects.toMatchObject({
      name: 'ContractViolation',
    });
    await store.close();
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code !== 'ESRCH') throw error;
    return false;
  }
}
