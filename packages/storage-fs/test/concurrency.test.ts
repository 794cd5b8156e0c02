import { randomInt } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import { allPaths, freshPath, freshStore, key, put, textAt } from './support/places.js';
import { until, Worker } from './support/processes.js';
import type { Step } from './support/processes.js';

const acknowledged = (worker: Worker) => worker.answers.filter((answer) => answer === 'acknowledged').length;

/** Starts the processes, lets them all begin at one moment, and answers what their last step gave. */
async function together(directory: string, steps: readonly Step[]): Promise<unknown[]> {
  const workers = steps.map((step) => new Worker([['start'], step], { directory }));
  await until(() => workers.every(({ answers }) => answers.length > 0));
  workers.forEach((worker) => worker.go());
  const ends = await Promise.all(workers.map((worker) => worker.end()));
  return ends.map(({ answers }) => answers.at(-1));
}

test('B18: processes that write different records and users do not touch each other', async () => {
  const { store, directory } = freshStore();
  const keys = [key, { ...key, id: 'other' }, { ...key, partition: 'owner_2' }];
  await together(
    directory,
    keys.map((each): Step => ['increment', each, 150]),
  );
  for (const each of keys) expect(Number(await textAt(store, each))).toBe(150);
}, 120_000);

test('records that are made and deleted all the time are made once and deleted once', async () => {
  const { store, directory } = freshStore();
  const ids = ['a', 'b', 'c'];
  const counts = (await together(
    directory,
    Array.from({ length: 4 }, (): Step => ['churn', 'p', ids, 120]),
  )) as {
    made: number;
    deleted: number;
  }[];
  const sum = (name: 'made' | 'deleted') => counts.reduce((total, count) => total + count[name], 0);
  expect(sum('made') - sum('deleted')).toBe((await store.list('p')).length);
  expect(sum('deleted')).toBeGreaterThan(20);
}, 120_000);

test('a reader beside writers and deleters sees whole records, in the order they were written', async () => {
  const { store, directory } = freshStore();
  await put(store, '0');
  const writers = [0, 1].map(() => new Worker([['increment', key, 150]], { directory }));
  const churner = new Worker([['churn', 'q', ['a', 'b'], 150]], { directory });
  const beside = { running: true };
  const ended = Promise.all([...writers, churner].map((worker) => worker.end())).finally(
    () => (beside.running = false),
  );
  let last = 0;
  let reads = 0;
  while (beside.running) {
    const number = Number(await textAt(store));
    expect(number).toBeGreaterThanOrEqual(last);
    last = number;
    for (const { value } of await store.list('q')) expect(new TextDecoder().decode(value)).toBe('churn');
    if (++reads % 50 === 0) await setTimeout(0);
  }
  await ended;
  expect(Number(await textAt(store))).toBe(300);
  expect(reads).toBeGreaterThan(100);
}, 120_000);

test('after a purge amid writers of all kinds no older record is back, and the store goes on', async () => {
  const { store, directory } = freshStore();
  await put(store, 'secret of before', { partition: 'p', id: 'untouched' });
  const workers = Array.from(
    { length: 3 },
    () => new Worker([['churn', 'p', ['a', 'b'], 150]], { directory }),
  );
  await until(() => workers.some(({ answers }) => answers.length > 0) || allPaths(directory).length > 8);
  for (let round = 0; round < 10; round++) {
    await store.purge('p');
    expect(await store.get({ partition: 'p', id: 'untouched' })).toBeNull();
    await setTimeout(10);
  }
  await Promise.all(workers.map((worker) => worker.end()));
  await store.purge('p');
  expect(allPaths(directory).map((path) => path.slice(directory.length))).toEqual(['/records', '/tmp']);
}, 120_000);

test('B01: writers that are killed at any moment lose nothing that was acknowledged, and leave no half record', async () => {
  const directory = freshPath();
  const store = new FileTokenStore({ directory });
  const seed = randomInt(2 ** 31);
  console.info(`seed ${seed}`);
  let state = seed;
  const random = (limit: number) => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) % limit;
  let acked = 0;
  let killed = 0;
  const running = async () => {
    const worker = new Worker([['increment', key, 10_000]], { directory });
    const enough = 1 + random(30);
    await until(() => acknowledged(worker) >= enough);
    await setTimeout(random(20));
    worker.kill();
    expect(await worker.end()).toMatchObject({ killed: true });
    acked += acknowledged(worker);
    killed++;
  };
  for (let round = 0; round < 3; round++) {
    await Promise.all([running(), running(), running()]);
    const value = Number(await textAt(store));
    expect([seed, value >= acked && value <= acked + killed]).toEqual([seed, true]);
  }
}, 120_000);
