import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import { allPaths, bytes, filesWith, freshPath, freshStore, key, newestFile, put } from './support/places.js';
import { Worker } from './support/processes.js';
import type { Step } from './support/processes.js';

const secret = 'the-secret-value';

async function killedAt(directory: string, call: string, step: Step): Promise<void> {
  const worker = new Worker([['fault', { at: 1, action: 'kill', calls: [call] }], step], { directory });
  expect(await worker.end()).toMatchObject({ killed: true });
}

test('what killed writers left is swept an hour later by the next process, and not before', async () => {
  const { store, directory } = freshStore();
  await put(store, 'base');
  await killedAt(directory, 'link', ['cas', key, 'current', secret]);
  await killedAt(directory, 'rename', ['cas', { ...key, id: 'other' }, null, secret]);
  const scratch = join(directory, 'tmp');
  const left = readdirSync(scratch);
  expect(left.length).toBeGreaterThanOrEqual(2);
  const foreign = join(scratch, 'mine.txt');
  writeFileSync(foreign, 'of somebody else');
  utimesSync(foreign, 1, 1);

  await put(new FileTokenStore({ directory }), 'next');
  expect(readdirSync(scratch).sort()).toEqual([...left, 'mine.txt'].sort());
  for (const name of left) utimesSync(join(scratch, name), 1, 1);
  await put(new FileTokenStore({ directory }), 'next');
  expect(readdirSync(scratch)).toEqual(['mine.txt']);
  expect(filesWith(directory, secret)).toEqual([]);
});

test('a purge removes what killed writers left of this partition at once, and nothing of others', async () => {
  const { store, directory } = freshStore();
  await put(store, 'base');
  await put(store, 'base', { ...key, partition: 'owner_2' });
  await killedAt(directory, 'link', ['cas', key, 'current', secret]);
  await killedAt(directory, 'rename', ['cas', { ...key, id: 'other' }, null, secret]);
  await killedAt(directory, 'rm', ['purge', key.partition]);
  await killedAt(directory, 'link', ['cas', { ...key, partition: 'owner_2' }, 'current', 'of the neighbour']);
  await store.purge(key.partition);
  expect(filesWith(directory, secret)).toEqual([]);
  expect(filesWith(directory, 'of the neighbour')).toHaveLength(1);
});

test('a deleted record leaves neither bytes nor names', async () => {
  const { store, directory } = freshStore();
  await put(store, `${secret} 1`);
  const version = await put(store, `${secret} 2`);
  await store.compareAndSet(key, version, null);
  expect(filesWith(directory, secret)).toEqual([]);
  expect(allPaths(directory)).toHaveLength(3);
});

test('records that expired, or whose deletion was cut short, do not pile up', async () => {
  let time = 1_000;
  const directory = freshPath();
  const store = new FileTokenStore({ directory, now: () => time });
  for (let count = 0; count < 60; count++)
    await store.compareAndSet({ ...key, id: `pending-${count}` }, null, bytes(secret), { ttlMs: 10 });
  await put(store, 'to be deleted');
  await killedAt(directory, 'truncate', ['cas', key, 'current', null]);
  mkdirSync(join(dirname(dirname(dirname(newestFile(directory)))), 'empty-0123456789abcdef01234567'));
  time = Date.now() + 60_000;
  const partition = join(directory, 'records', readdirSync(join(directory, 'records'))[0]!);
  expect(readdirSync(partition).length).toBe(62);
  for (let count = 0; count < 30; count++) await put(store, 'alive', { ...key, id: `alive-${count}` });
  expect(readdirSync(partition).length).toBeLessThan(50);
  expect(await store.list(key.partition)).toHaveLength(30);
  for (let count = 0; count < 60; count++) await put(store, 'alive', { ...key, id: `more-${count}` });
  expect(filesWith(directory, secret).length).toBeLessThan(10);
}, 60_000);

test('a store that only reads writes nothing', async () => {
  const { directory } = freshStore();
  const reader = new FileTokenStore({ directory });
  await reader.get(key);
  await reader.list(key.partition);
  await reader.purge(key.partition);
  expect(existsSync(directory)).toBe(false);
});
