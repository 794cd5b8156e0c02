import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { MemoryTokenStore, StoreError } from '@mcp-oauth/core';
import { encrypted, keyRing } from '@mcp-oauth/storage-encrypted';
import type { KeyRing } from '@mcp-oauth/storage-encrypted';
import { at, bytes, key, put, storeErrorOf, textAt } from './support/stores.js';

function counting(load: (call: number) => KeyRing | Promise<KeyRing>) {
  const source = {
    calls: 0,
    load: async () => {
      source.calls += 1;
      return load(source.calls);
    },
  };
  return source;
}

test('keys are loaded when first needed, and once for all who wait', async () => {
  const source = counting(() => keyRing([key('one')]));
  const store = encrypted(new MemoryTokenStore(), source);
  expect(await store.get(at)).toBeNull();
  expect(source.calls).toBe(0);
  await Promise.all(['a', 'b', 'c'].map((id) => store.compareAndSet({ ...at, id }, null, bytes('value'))));
  expect(await textAt(store, { ...at, id: 'a' })).toBe('value');
  expect(source.calls).toBe(1);
});

test('a failure to load is key_unavailable, writes nothing, and is not remembered', async () => {
  const inner = new MemoryTokenStore();
  const source = counting((call) => {
    if (call === 1)
      throw Object.assign(new Error('unexpected token in "the key of Ada"'), { code: 'ECONNREFUSED' });
    return keyRing([key('one')]);
  });
  const store = encrypted(inner, source);
  const failed = await storeErrorOf(put(store, 'value'));
  expect(failed.kind).toBe('key_unavailable');
  expect(failed.message).toContain('Error ECONNREFUSED');
  expect(await inner.list(at.partition)).toEqual([]);
  await put(store, 'value');
  expect(await textAt(store)).toBe('value');
});

test('no word of what a key source throws is in the error, for it may quote a key', async () => {
  const thrown: unknown[] = [
    new SyntaxError('quotes the key of Ada'),
    'the key of Ada',
    { name: 'the key of Ada' },
    undefined,
  ];
  for (const value of thrown) {
    const store = encrypted(new MemoryTokenStore(), {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- others throw what they like
      load: () => Promise.reject(value),
    });
    const error: unknown = await store.compareAndSet(at, null, bytes('x')).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StoreError);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('Ada');
  }
});

test('a store error of the source reaches the caller as it is, and an unusable ring as misconfigured', async () => {
  const own = new StoreError('unavailable', 'The key service is down.');
  const failing = encrypted(new MemoryTokenStore(), { load: () => Promise.reject(own) });
  await expect(failing.compareAndSet(at, null, bytes('x'))).rejects.toBe(own);
  for (const load of [
    () => Promise.resolve(keyRing([])),
    () => Promise.resolve(undefined as unknown as KeyRing),
  ]) {
    const store = encrypted(new MemoryTokenStore(), { load: async () => load() });
    expect((await storeErrorOf(store.check())).kind).toBe('misconfigured');
  }
});

test('whoever waits for keys may give up, and the others still get them', async () => {
  let release: (ring: KeyRing) => void = () => undefined;
  const store = encrypted(new MemoryTokenStore(), {
    load: () => new Promise<KeyRing>((resolve) => (release = resolve)),
  });
  const giveUp = new AbortController();
  const abandoned = store.compareAndSet({ ...at, id: 'a' }, null, bytes('x'), { signal: giveUp.signal });
  const waiting = store.compareAndSet({ ...at, id: 'b' }, null, bytes('y'));
  giveUp.abort('given up');
  await expect(abandoned).rejects.toBe('given up');
  release(keyRing([key('one')]));
  expect((await waiting).ok).toBe(true);
  expect((await store.list(at.partition)).map(({ id }) => id)).toEqual(['b']);
});

test('keys that never come reject within 10 seconds, and are taken when they come later', async () => {
  let release: (ring: KeyRing) => void = () => undefined;
  const store = encrypted(new MemoryTokenStore(), {
    load: () => new Promise<KeyRing>((resolve) => (release = resolve)),
  });
  const began = performance.now();
  const { kind, message } = await storeErrorOf(put(store, 'value'));
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(kind).toBe('key_unavailable');
  expect(message).toContain('prompt');
  release(keyRing([key('one')]));
  await put(store, 'value');
  expect(await textAt(store)).toBe('value');
});

test('a record of an unknown key makes the source be asked again, but not for each such record', async () => {
  const inner = new MemoryTokenStore();
  const rings = [keyRing([key('old')]), keyRing([key('new'), key('old')])];
  const source = counting((call) => rings[Math.min(call, 2) - 1] ?? keyRing([]));
  const store = encrypted(inner, source);
  await put(store, 'value');
  await put(encrypted(inner, keyRing([key('new'), key('old')])), 'newer');
  await put(encrypted(inner, keyRing([key('gone')])), 'unreadable', { ...at, id: 'other' });
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  expect(await textAt(store)).toBe('newer');
  expect(source.calls).toBe(2);
  for (let count = 0; count < 50; count++)
    expect((await storeErrorOf(store.get({ ...at, id: 'other' }))).kind).toBe('key_unavailable');
  expect(source.calls).toBeLessThanOrEqual(3);
});
