import { hkdfSync } from 'node:crypto';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { LimitExceededError, MemoryTokenStore } from '@mcp-oauth/core';
import { encrypted, keyRing } from '@mcp-oauth/storage-encrypted';
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import { Xaes256Gcm } from '../src/xaes-256-gcm.js';
import {
  allFiles,
  at,
  bytes,
  filesWith,
  freshDirectory,
  key,
  put,
  storeErrorOf,
  textAt,
  valueAt,
} from './support/stores.js';

const secrets = ['the refresh token of Ada', 'the client secret of Ada', 'the verifier of Ada'];

test('no secret is in the bytes of any file of the store below, not while it is replaced and not after', async () => {
  const directory = join(freshDirectory(), 'store');
  const ring = [key('one'), key('two')];
  const store = encrypted(new FileTokenStore({ directory }), keyRing(ring));
  for (const secret of secrets) await put(store, JSON.stringify({ secret }));
  await put(store, secrets.join(), { ...at, id: 'other' }, 60_000);
  await store.check();
  expect(allFiles(directory).length).toBeGreaterThan(1);
  const forms = secrets.flatMap((text) => [text, btoa(text).slice(0, 24), Buffer.from(text).toString('hex')]);
  expect(filesWith(directory, [...forms, ...ring.map((each) => Buffer.from(each.key))])).toEqual([]);
  // The search finds what is there: the id of the key is in every record.
  expect(filesWith(directory, ['one']).length).toBeGreaterThan(0);
  expect(await textAt(store)).toBe(JSON.stringify({ secret: secrets.at(-1) }));
});

test('values of no bytes and of 64 KiB come back, and a longer one is refused before the store below sees it', async () => {
  const inner = new MemoryTokenStore();
  const store = encrypted(inner, keyRing([key('k'.repeat(64))]));
  const long = new Uint8Array(64 * 1024).map((_, index) => index % 251);
  for (const value of [new Uint8Array(), long]) {
    await put(store, value);
    expect(Buffer.from(await valueAt(store)).equals(value)).toBe(true);
    expect((await valueAt(inner)).byteLength).toBe(value.byteLength + 122);
  }
  await expect(store.compareAndSet(at, null, new Uint8Array(64 * 1024 + 1))).rejects.toThrow(
    LimitExceededError,
  );
});

test('the same value is never stored as the same bytes', async () => {
  const inner = new MemoryTokenStore();
  const store = encrypted(inner, keyRing([key('one')]));
  const seen = new Set<string>();
  for (let count = 0; count < 100; count++) {
    await put(store, 'same');
    seen.add(Buffer.from(await valueAt(inner)).toString('hex', 22));
  }
  expect(seen.size).toBe(100);
});

test('a record is laid out as documented, so that any later version can read it', async () => {
  const inner = new MemoryTokenStore();
  const { id, key: secret } = key('one');
  const before = Date.now();
  await put(encrypted(inner, keyRing([{ id, key: secret }])), 'value', at, 60_000);
  const stored = Buffer.from(await valueAt(inner));
  expect(stored.subarray(0, 5)).toEqual(Buffer.from('\x01\x03one', 'latin1'));
  const check = hkdfSync('sha256', secret, new Uint8Array(), 'mcp-oauth/1 key check', 8);
  expect(stored.subarray(5, 13)).toEqual(Buffer.from(check));
  const expiresAt = Number(stored.readBigUInt64BE(13));
  expect(expiresAt).toBeGreaterThanOrEqual(before + 60_000);
  expect(expiresAt).toBeLessThanOrEqual(Date.now() + 60_000);
  const additionalData = Buffer.concat([
    Buffer.from(`mcp-oauth/1\0${at.partition}\0${at.id}\0`),
    stored.subarray(0, 21),
  ]);
  const opened = new Xaes256Gcm(secret).open(stored.subarray(21, 45), stored.subarray(45), additionalData);
  expect(opened && Buffer.from(opened).toString()).toBe('value');
});

test('every single changed byte of a record is refused, and told apart from a wrong key only where it hits the key id', async () => {
  const inner = new MemoryTokenStore();
  const store = encrypted(inner, keyRing([key('one')]));
  await put(store, 'value', at, 60_000);
  const stored = await valueAt(inner);
  const kinds: string[] = [];
  for (let index = 0; index < stored.length; index++) {
    for (const flip of [0x01, 0x80, 0xff]) {
      const changed = stored.slice();
      changed[index] = (changed[index] ?? 0) ^ flip;
      await put(inner, changed);
      const { kind } = await storeErrorOf(store.get(at));
      kinds.push(`${index < 1 ? 'format' : index < 5 ? 'id' : index < 13 ? 'check' : 'rest'} ${kind}`);
    }
  }
  expect(new Set(kinds)).toEqual(
    new Set(['format corrupt', 'id corrupt', 'id key_unavailable', 'check key_unavailable', 'rest corrupt']),
  );
  await put(inner, stored);
  expect(await textAt(store)).toBe('value');
});

test('a record that was cut, lengthened or is plain text is corrupt, and is never passed through', async () => {
  const inner = new MemoryTokenStore();
  const store = encrypted(inner, keyRing([key('one')]));
  await put(store, 'value');
  const stored = await valueAt(inner);
  const foreign = [
    ...Array.from({ length: stored.length }, (_, length) => stored.slice(0, length)),
    Buffer.concat([stored, Buffer.of(0)]),
    bytes('{"access_token":"plain"}'),
    Buffer.concat([
      Buffer.of(1, 3),
      bytes('{"access_token":"plain text that is long enough to be a record"}'),
    ]),
    Buffer.concat([Buffer.of(2), stored.subarray(1)]),
  ];
  for (const value of foreign) {
    await put(inner, value);
    for (const work of [
      store.get(at),
      store.list(at.partition),
      store.compareAndSet(at, null, bytes('new')),
    ]) {
      const { kind, message } = await storeErrorOf(work);
      expect(kind).toBe('corrupt');
      expect(message).not.toContain('plain"');
    }
  }
  // It can be got rid of.
  await store.purge(at.partition);
  expect(await store.get(at)).toBeNull();
});

test('ciphertexts that were swapped between two records or two partitions are refused', async () => {
  const inner = new MemoryTokenStore();
  const store = encrypted(inner, keyRing([key('one')]));
  const places = [at, { ...at, id: 'credentials-2' }, { ...at, partition: 'owner_2' }];
  for (const place of places) await put(store, `value of ${place.partition} ${place.id}`, place);
  const stored = await Promise.all(places.map((place) => valueAt(inner, place)));
  for (const [from, value] of stored.entries())
    for (const [to, place] of places.entries()) {
      await put(inner, value, place);
      if (from === to) expect(await textAt(store, place)).toBe(`value of ${place.partition} ${place.id}`);
      else expect((await storeErrorOf(store.get(place))).kind).toBe('corrupt');
    }
});

test('parts of the place can not be shifted against each other', async () => {
  const inner = new MemoryTokenStore();
  const store = encrypted(inner, keyRing([key('one')]));
  await put(store, 'value', { partition: 'ab', id: 'c' });
  await put(inner, await valueAt(inner, { partition: 'ab', id: 'c' }), { partition: 'a', id: 'bc' });
  expect((await storeErrorOf(store.get({ partition: 'a', id: 'bc' }))).kind).toBe('corrupt');
});

test('an older ciphertext of the same record, put back by who may write to the store, is taken: the documented limit', async () => {
  const inner = new MemoryTokenStore();
  const store = encrypted(inner, keyRing([key('one')]));
  await put(store, 'old');
  const old = await valueAt(inner);
  await put(store, 'new');
  await put(inner, old);
  expect(await textAt(store)).toBe('old');
});

test('a key that is not among the given ones is key_unavailable, named, and nothing is lost', async () => {
  const inner = new MemoryTokenStore();
  await put(encrypted(inner, keyRing([key('first')])), 'value');
  const { kind, message } = await storeErrorOf(
    encrypted(inner, keyRing([key('second'), key('third')])).get(at),
  );
  expect(kind).toBe('key_unavailable');
  expect(message).toContain('"first"');
  expect(message).toContain('"second", "third"');
  expect(await textAt(encrypted(inner, keyRing([key('second'), key('first')])))).toBe('value');
});

test('a wrong key under the right id is key_unavailable and not corruption', async () => {
  const inner = new MemoryTokenStore();
  await put(encrypted(inner, keyRing([key('one', 'the right seed')])), 'value');
  const wrong = encrypted(inner, keyRing([key('one', 'another seed')]));
  const { kind, message } = await storeErrorOf(wrong.get(at));
  expect(kind).toBe('key_unavailable');
  expect(message).toContain('"one"');
  expect((await storeErrorOf(wrong.compareAndSet(at, null, bytes('new')))).kind).toBe('key_unavailable');
});

test('printing the ring or the store shows no key, and changing the given bytes afterwards changes nothing', async () => {
  const given = { id: 'one', key: Buffer.from('a key that people could recognise'.slice(0, 32)) };
  const inner = new MemoryTokenStore();
  const ring = keyRing([given]);
  const store = encrypted(inner, ring);
  await put(store, 'value');
  const printed = [ring, store].map(
    (each) => inspect(each, { depth: 20, showHidden: true, getters: true }) + JSON.stringify(each),
  );
  for (const form of [
    given.key.toString(),
    given.key.toString('hex'),
    given.key.toString('hex').replace(/..(?!$)/g, '$& '),
    given.key.toString('base64'),
    [...given.key].join(', '),
  ])
    expect(printed.filter((text) => text.includes(form))).toEqual([]);
  given.key.fill(0);
  expect(await textAt(store)).toBe('value');
  expect(
    await textAt(
      encrypted(
        inner,
        keyRing([{ id: 'one', key: Buffer.from('a key that people could recognise'.slice(0, 32)) }]),
      ),
    ),
  ).toBe('value');
});

test('watches what the store below can watch, and offers no watch where it can not', async () => {
  const inner = new MemoryTokenStore();
  const store = encrypted(inner, keyRing([key('one')]));
  let changes = 0;
  const end = await store.watch(at, () => (changes += 1));
  await put(store, 'value');
  await new Promise((resolve) => setImmediate(resolve));
  await end();
  await put(store, 'other');
  await new Promise((resolve) => setImmediate(resolve));
  expect(changes).toBe(1);
  expect(
    'watch' in encrypted(new FileTokenStore({ directory: freshDirectory() }), keyRing([key('one')])),
  ).toBe(false);
});

test('check finds a store that keeps something else than was written, and leaves nothing behind', async () => {
  const inner = new MemoryTokenStore();
  const store = encrypted(inner, keyRing([key('one')]));
  await store.check();
  expect(await inner.list('storage-encrypted')).toEqual([]);
  const forgetful = new MemoryTokenStore();
  forgetful.get = () => Promise.resolve(null);
  expect((await storeErrorOf(encrypted(forgetful, keyRing([key('one')])).check())).kind).toBe(
    'misconfigured',
  );
});

test('after an abort and after close a call rejects, without asking for keys', async () => {
  let loads = 0;
  const source = {
    load: () => {
      loads += 1;
      return Promise.resolve(keyRing([key('one')]));
    },
  };
  const store = encrypted(new MemoryTokenStore(), source);
  await expect(
    store.compareAndSet(at, null, bytes('x'), { signal: AbortSignal.abort('given up') }),
  ).rejects.toBe('given up');
  await store.close();
  await store.close();
  const calls = [
    store.get(at),
    store.compareAndSet(at, null, bytes('x')),
    store.list('a'),
    store.purge('a'),
    store.check(),
    store.reencrypt('a'),
    store.watch(at, () => undefined),
  ];
  for (const call of calls) expect((await storeErrorOf(call)).kind).toBe('unavailable');
  expect(loads).toBe(0);
});
