import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { LimitExceededError } from '@mcp-oauth/core';
import type { Version } from '@mcp-oauth/core';
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import { bytes, freshPath, freshStore, key, put, textAt } from './support/places.js';

test('a record that nobody wrote is absent, and reading makes no directory', async () => {
  const { store, directory } = freshStore();
  expect(await store.get(key)).toBeNull();
  expect(await store.list('owner_1')).toEqual([]);
  await store.purge('owner_1');
  expect(existsSync(directory)).toBe(false);
});

test('a version never comes again, not after delete, expiry, purge or with the same value', async () => {
  let time = 1_000;
  const store = new FileTokenStore({ directory: freshPath(), now: () => time });
  const seen: Version[] = [];
  for (let round = 0; round < 4; round++) {
    for (let write = 0; write < 12; write++) seen.push(await put(store, 'same'));
    const last = seen.at(-1)!;
    if (round === 0) await store.compareAndSet(key, last, null);
    if (round === 1) await store.compareAndSet(key, last, bytes('same'), { ttlMs: 10 });
    if (round === 2) await store.purge(key.partition);
    time += 10;
    for (const version of seen)
      expect(await store.compareAndSet(key, version, bytes('stale'))).toMatchObject({
        ok: round === 3 && version === last,
      });
  }
  expect(new Set(seen).size).toBe(seen.length);
});

test('an expired record is absent: not read, not listed, and free for a new one', async () => {
  let time = 1_000;
  const store = new FileTokenStore({ directory: freshPath(), now: () => time });
  const result = await store.compareAndSet(key, null, bytes('brief'), { ttlMs: 500 });
  time = 1_499;
  expect(await textAt(store)).toBe('brief');
  time = 1_500;
  expect(await store.get(key)).toBeNull();
  expect(await store.list(key.partition)).toEqual([]);
  if (!result.ok) throw new Error('not written');
  expect(await store.compareAndSet(key, result.version, bytes('late'))).toEqual({ ok: false, current: null });
  expect(await store.compareAndSet(key, null, bytes('next'))).toMatchObject({ ok: true });
  expect(await textAt(store)).toBe('next');
});

test('a value is any bytes, from none to 64 KiB, and comes back as the same bytes', async () => {
  const { store } = freshStore();
  const values = [
    new Uint8Array(),
    Uint8Array.from({ length: 256 }, (_, index) => index),
    bytes('\n\n{"deleted":true}\n'),
    new Uint8Array(64 * 1024).fill(0x0a),
  ];
  for (const value of values) {
    const before = await store.get(key);
    expect(await store.compareAndSet(key, before?.version ?? null, value)).toMatchObject({ ok: true });
    const after = await store.get(key);
    expect(after?.value).toEqual(value);
    expect(after?.value.buffer.byteLength).toBe(value.byteLength);
  }
});

test('a value beyond the limit is refused, and the stored one stays', async () => {
  const { store } = freshStore();
  const version = await put(store, 'small');
  await expect(store.compareAndSet(key, version, new Uint8Array(65 * 1024 + 1))).rejects.toThrow(
    LimitExceededError,
  );
  expect(await textAt(store)).toBe('small');
});

test('a list has the live records of one partition, by id in code unit order, after and up to a limit', async () => {
  let time = 1_000;
  const store = new FileTokenStore({ directory: freshPath(), now: () => time });
  const partition = 'owner';
  for (const id of ['b', 'B', 'a_', 'a-', 'a1', 'aA', '_', '-', '10', '9', 'gone', 'dead'])
    await put(store, `value of ${id}`, { partition, id });
  await put(store, 'other', { partition: 'owner-', id: 'a' });
  await put(store, 'other', { partition: 'OWNER', id: 'a' });
  const gone = await store.get({ partition, id: 'gone' });
  await store.compareAndSet({ partition, id: 'gone' }, gone!.version, null);
  const dead = await store.get({ partition, id: 'dead' });
  await store.compareAndSet({ partition, id: 'dead' }, dead!.version, bytes('x'), { ttlMs: 1 });
  time += 1;
  const sorted = ['-', '10', '9', 'B', '_', 'a-', 'a1', 'aA', 'a_', 'b'];
  const listed = await store.list(partition);
  expect(listed.map(({ id }) => id)).toEqual(sorted);
  expect(listed[0]).toEqual({ id: '-', ...(await store.get({ partition, id: '-' })) });
  expect((await store.list(partition, { after: 'B' })).map(({ id }) => id)).toEqual(sorted.slice(4));
  expect((await store.list(partition, { after: 'B', limit: 2 })).map(({ id }) => id)).toEqual(['_', 'a-']);
  expect(await store.list(partition, { limit: 0 })).toEqual([]);
  expect(await store.list(partition, { after: 'b' })).toEqual([]);
});

test('an aborted call rejects with the reason of its signal and writes nothing', async () => {
  const { store, directory } = freshStore();
  const signal = AbortSignal.abort(new Error('the person went away'));
  for (const call of [
    store.get(key, { signal }),
    store.compareAndSet(key, null, bytes('x'), { signal }),
    store.list(key.partition, { signal }),
    store.purge(key.partition, { signal }),
    store.check({ signal }),
  ])
    await expect(call).rejects.toThrow('the person went away');
  expect(existsSync(directory)).toBe(false);

  const later = new AbortController();
  const writing = store.compareAndSet(key, null, bytes('x'), { signal: later.signal });
  later.abort(new Error('too slow'));
  await expect(writing).rejects.toThrow('too slow');
  expect(await store.get(key)).toBeNull();
});

test('a time limit that is no number is refused', async () => {
  const { store } = freshStore();
  for (const ttlMs of [NaN, Infinity])
    await expect(store.compareAndSet(key, null, bytes('x'), { ttlMs })).rejects.toThrow(TypeError);
});

test('close lets the writes in flight end, may come twice, and ends the use of this handle', async () => {
  const { store, directory } = freshStore();
  const writing = store.compareAndSet(key, null, bytes('in flight'));
  let written = false;
  void writing.then(() => (written = true));
  await store.close();
  expect(written).toBe(true);
  await store.close();
  await expect(store.get(key)).rejects.toMatchObject({ code: 'store_failed', kind: 'unavailable' });
  expect(await textAt(new FileTokenStore({ directory }))).toBe('in flight');
});
