import { randomBytes, randomInt } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { allPaths, bytes, freshStore, key, put, textAt } from './support/places.js';

test('A94: a key outside the alphabet is refused before any file is touched', async () => {
  const { store, directory } = freshStore();
  const hostile: unknown[] = [
    '',
    '.',
    '..',
    '../../etc/x',
    '/abs',
    'a\0b',
    'a:stream',
    'aux.json',
    'a b',
    'é',
    'a\n',
  ];
  hostile.push('x'.repeat(129), 'x'.repeat(10_240), undefined, null, 7, ['a'], { toString: () => 'a' });
  const seed = randomBytes(4).toString('hex');
  for (let trial = 0; trial < 500; trial++) {
    const text = randomBytes(randomInt(1, 40)).toString('latin1');
    if (!/^[A-Za-z0-9_-]+$/.test(text)) hostile.push(text);
  }
  for (const part of hostile as string[]) {
    const trial = `${seed}: ${JSON.stringify(part)}`;
    for (const bad of [
      { partition: part, id: 'a' },
      { partition: 'a', id: part },
    ]) {
      expect([trial, await store.get(bad).catch((error: unknown) => error)]).toEqual([
        trial,
        expect.any(TypeError),
      ]);
      await expect(store.compareAndSet(bad, null, bytes('x'))).rejects.toThrow(TypeError);
    }
    await expect(store.list(part)).rejects.toThrow(TypeError);
    await expect(store.purge(part)).rejects.toThrow(TypeError);
  }
  expect(() => readdirSync(directory)).toThrow('ENOENT');
});

test('A94: keys that differ in case alone have names that differ where case does not count', async () => {
  const { store, directory } = freshStore();
  const keys = ['Bob', 'bob', 'BOB', 'bOb'].flatMap((id) => [
    { partition: 'tenant', id },
    { partition: 'Tenant', id },
  ]);
  for (const each of keys) await put(store, `${each.partition}/${each.id}`, each);
  for (const each of keys) expect(await textAt(store, each)).toBe(`${each.partition}/${each.id}`);
  const partitions = readdirSync(join(directory, 'records'));
  const records = partitions.map((name) => readdirSync(join(directory, 'records', name)));
  for (const names of [partitions, ...records])
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
  expect([partitions.length, ...records.map(({ length }) => length)]).toEqual([2, 4, 4]);
});

test('A94, A95: whatever the key, its record stays inside the directory, apart from all others', async () => {
  const { store, directory } = freshStore();
  const alphabet = 'ABCXYZabcxyz0189_-';
  const reserved = [
    'con',
    'CON',
    'aux',
    'nul',
    'com1',
    'lpt9',
    '-rf',
    '--',
    '_',
    '0',
    '__proto__',
    'constructor',
  ];
  const ids = [...reserved, 'x'.repeat(128), 'X'.repeat(128), `${'x'.repeat(127)}y`];
  while (ids.length < 120)
    ids.push(Array.from({ length: randomInt(1, 129) }, () => alphabet[randomInt(alphabet.length)]).join(''));
  const unique = [...new Set(ids)];
  for (const id of unique) await put(store, `value of ${id}`, { partition: 'p', id });
  for (const id of unique) expect(await textAt(store, { partition: 'p', id })).toBe(`value of ${id}`);
  expect((await store.list('p')).map(({ id }) => id)).toEqual(unique.sort());
  for (const path of allPaths(directory))
    expect(path.slice(directory.length)).toMatch(/^(\/[a-z0-9_-]{1,57}){1,5}$/);
});

test('A95: partition and id are not joined, so moving text between them is another key', async () => {
  const { store } = freshStore();
  await put(store, 'left', { partition: 'a-b', id: 'c' });
  expect(await store.get({ partition: 'a', id: 'b-c' })).toBeNull();
  expect(await store.get({ ...key, partition: 'a' })).toBeNull();
  expect(await store.list('a')).toEqual([]);
});
