import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { allPaths, filesWith, freshStore, key, newestFile, put, textAt } from './support/places.js';
import { until, Worker } from './support/processes.js';
import type { Step } from './support/processes.js';

const isStopped = (worker: Worker) => readFileSync(`/proc/${worker.pid}/stat`, 'utf8').includes(') T ');

/** Runs the step until just before (or after) its commit, lets `meanwhile` happen, and then lets it go on. */
async function whileStopped(
  directory: string,
  step: Step,
  fault: { calls: readonly string[]; at?: number; after?: boolean },
  meanwhile: () => Promise<unknown>,
): Promise<unknown> {
  const worker = new Worker([['fault', { at: 1, action: 'stop', ...fault }], step], { directory });
  await until(() => isStopped(worker));
  await meanwhile();
  worker.resume();
  return (await worker.end()).answers.at(-1);
}

const update: Step = ['cas', key, 'current', 'from the stopped writer'];

for (const [times, kept] of [
  [1, 'its number is taken'],
  [7, 'its number is taken'],
  [9, 'its number was freed'],
  [40, 'its number was freed'],
] as const)
  test(`a writer that was stopped for ${times} writes of others conflicts, where ${kept}`, async () => {
    const { store, directory } = freshStore();
    await put(store, 'base');
    const answer = await whileStopped(directory, update, { calls: ['link'] }, async () => {
      for (let write = 1; write <= times; write++) await put(store, `write ${write}`);
    });
    expect(answer).toMatchObject({ ok: false, current: { text: `write ${times}` } });
    expect(await textAt(store)).toBe(`write ${times}`);
    expect(filesWith(directory, 'from the stopped writer')).toEqual([]);
  });

test('a late writer that is stopped again, right after it linked a freed number, still conflicts', async () => {
  for (const times of [0, 1, 20]) {
    const { store, directory } = freshStore();
    await put(store, 'base');
    const life = dirname(newestFile(directory));
    const fault = { at: 1, action: 'stop', calls: ['link'] };
    const worker = new Worker([['fault', fault], ['fault', { ...fault, after: true }], update], {
      directory,
    });
    await until(() => isStopped(worker));
    for (let write = 1; write <= 12; write++) await put(store, `write ${write}`);
    worker.resume();
    await until(() => existsSync(join(life, '2')) && isStopped(worker));
    expect(await textAt(store)).toBe('write 12');
    for (let write = 1; write <= times; write++) await put(store, `later ${write}`);
    const text = await textAt(store);
    worker.resume();
    expect((await worker.end()).answers.at(-1)).toMatchObject({ ok: false, current: { text } });
    expect(await textAt(store)).toBe(text);
    expect(filesWith(directory, 'from the stopped writer')).toEqual([]);
  }
});

test('one that empties a superseded version late does not empty what a later writer left at its number', async () => {
  const { store, directory } = freshStore();
  await put(store, 'base');
  const life = dirname(newestFile(directory));
  const beforeLink = { at: 1, action: 'stop', calls: ['link'] };
  const late = new Worker([['fault', beforeLink], ['fault', { ...beforeLink, after: true }], update], {
    directory,
  });
  await until(() => isStopped(late));
  await put(store, 'two');
  // Opened are the draft, the directory to sync, and then the version to empty: number 2.
  const beforeEmptying = { at: 3, action: 'stop', calls: ['open'] };
  const emptying = new Worker(
    [
      ['fault', beforeEmptying],
      ['cas', key, 'current', 'three'],
    ],
    { directory },
  );
  await until(() => isStopped(emptying));
  for (let write = 1; write <= 12; write++) await put(store, `write ${write}`);
  expect(existsSync(join(life, '2'))).toBe(false);
  late.resume();
  await until(() => existsSync(join(life, '2')) && isStopped(late));
  emptying.resume();
  expect((await emptying.end()).answers.at(-1)).toMatchObject({ ok: true });
  late.resume();
  expect((await late.end()).answers.at(-1)).toMatchObject({ ok: false, current: { text: 'write 12' } });
});

test('a writer that was stopped right after its commit, and overtaken long since, is told that it succeeded', async () => {
  for (const times of [1, 2, 30]) {
    const { store, directory } = freshStore();
    await put(store, 'base');
    const answer = await whileStopped(directory, update, { calls: ['link'], after: true }, async () => {
      expect(await textAt(store)).toBe('from the stopped writer');
      for (let write = 1; write <= times; write++) await put(store, `write ${write}`);
    });
    expect(answer).toMatchObject({ ok: true });
    expect(await textAt(store)).toBe(`write ${times}`);
  }
});

test('a writer that was stopped while the record was deleted, and made anew as often, brings nothing back', async () => {
  for (const anew of [0, 1, 2, 12]) {
    const { store, directory } = freshStore();
    const base = await put(store, 'base');
    const answer = await whileStopped(directory, update, { calls: ['link'] }, async () => {
      await store.compareAndSet(key, base, null);
      for (let write = 1; write <= anew; write++) await put(store, `anew ${write}`);
    });
    const text = anew === 0 ? null : `anew ${anew}`;
    expect(answer).toMatchObject({ ok: false, current: text === null ? null : { text } });
    expect(await textAt(store)).toBe(text);
    expect(filesWith(directory, 'from the stopped writer')).toEqual([]);
  }
});

test('a writer that was stopped during a purge conflicts, and leaves no bytes', async () => {
  for (const after of [false, true]) {
    const { store, directory } = freshStore();
    await put(store, 'base');
    const answer = await whileStopped(directory, update, { calls: ['link'], after }, () =>
      store.purge(key.partition),
    );
    expect(answer).toEqual({ ok: false, current: null });
    expect(allPaths(directory).map((path) => path.slice(directory.length))).toEqual(['/records', '/tmp']);
  }
});

test('a delete that was stopped after its commit succeeds, and does not remove the record that was made since', async () => {
  const { store, directory } = freshStore();
  await put(store, 'base');
  const faults = [
    { calls: ['link'], after: true },
    ...['truncate', 'utimes', 'rename', 'rmdir', 'rm'].map((call) => ({ calls: [call] })),
  ];
  for (const fault of faults) {
    const answer = await whileStopped(directory, ['cas', key, 'current', null], fault, async () => {
      expect(await store.get(key)).toBeNull();
      await put(store, `made beside ${fault.calls[0]}`);
    });
    expect([fault, answer]).toEqual([fault, { ok: true, version: null }]);
    expect(await textAt(store)).toBe(`made beside ${fault.calls[0]}`);
  }
});

test('an update that was stopped right after its commit, and deleted since, is told that it succeeded', async () => {
  const { store, directory } = freshStore();
  await put(store, 'base');
  const answer = await whileStopped(directory, update, { calls: ['link'], after: true }, async () => {
    await store.compareAndSet(key, (await store.get(key))!.version, null);
  });
  expect(answer).toMatchObject({ ok: true });
  expect(allPaths(directory).map((path) => path.slice(directory.length))).toEqual([
    '/records',
    expect.stringMatching(/^.records.owner_1-[0-9a-f]+$/),
    '/tmp',
  ]);
});

test('of two that make one record, the one that was stopped before its commit conflicts', async () => {
  const { store, directory } = freshStore();
  const answer = await whileStopped(directory, ['cas', key, null, 'late'], { calls: ['rename'] }, () =>
    put(store, 'first'),
  );
  expect(answer).toMatchObject({ ok: false, current: { text: 'first' } });
  expect(filesWith(directory, 'late')).toEqual([]);
});

test('a reader that was stopped between looking and opening sees the record as it is now', async () => {
  for (const calls of [['openSync'], ['readSync'], ['fstatSync']])
    for (const times of [1, 12]) {
      const { store, directory } = freshStore();
      await put(store, 'base');
      const answer = await whileStopped(directory, ['get', key], { calls }, async () => {
        for (let write = 1; write <= times; write++) await put(store, `write ${write}`);
      });
      expect(answer).toMatchObject({ text: `write ${times}` });
    }
  const { store, directory } = freshStore();
  const base = await put(store, 'base');
  const answer = await whileStopped(directory, ['get', key], { calls: ['openSync'] }, () =>
    store.compareAndSet(key, base, null),
  );
  expect(answer).toBeNull();
});

test('a commit whose answer was lost is not a conflict with itself', async () => {
  for (const [step, fault] of [
    [['cas', key, null, 'made'], { calls: ['rename'] }],
    [update, { calls: ['link'] }],
  ] as const) {
    const { store, directory } = freshStore();
    if (step === update) await put(store, 'base');
    const worker = new Worker([['fault', { at: 1, action: 'EIO', after: true, ...fault }], [...step]], {
      directory,
    });
    const answer = (await worker.end()).answers.at(-1) as { ok: boolean; version: string };
    expect(answer).toMatchObject({ ok: true });
    expect((await store.get(key))?.version).toBe(answer.version);
  }
});

test('the names of superseded versions stay few, and hold no bytes', async () => {
  const { store, directory } = freshStore();
  for (let write = 1; write <= 40; write++) await put(store, `secret ${write}`);
  expect(readdirSync(dirname(newestFile(directory))).length).toBeLessThanOrEqual(9);
  expect(filesWith(directory, 'secret ')).toEqual([newestFile(directory)]);
});
