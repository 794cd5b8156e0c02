import { expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import { encrypted, keyRing, wrappedKeys } from '@mcp-oauth/storage-encrypted';
import { parseEnvelope, sealEnvelope } from '../src/envelope.js';
import { at, bytes, key, put, storeErrorOf, textAt, valueAt } from './support/stores.js';

const [first, second] = [key('first'), key('second')];

async function keyIdsIn(inner: MemoryTokenStore, partition = at.partition): Promise<(string | undefined)[]> {
  return (await inner.list(partition)).map(({ value }) => parseEnvelope(value)?.keyId);
}

test('the newest key encrypts, every key decrypts, and a write moves a record to the newest', async () => {
  const inner = new MemoryTokenStore();
  await put(encrypted(inner, keyRing([first])), 'old');
  const rotated = encrypted(inner, keyRing([second, first]));
  expect(await textAt(rotated)).toBe('old');
  expect(await keyIdsIn(inner)).toEqual(['first']);
  await put(rotated, 'new');
  expect(await keyIdsIn(inner)).toEqual(['second']);
  expect(await textAt(encrypted(inner, keyRing([second])))).toBe('new');
});

test('reencrypt moves a whole partition to the newest key, and nothing else', async () => {
  const inner = new MemoryTokenStore();
  const old = encrypted(inner, keyRing([first]));
  const ids = Array.from({ length: 250 }, (_, index) => `id-${index}`);
  for (const id of ids) await put(old, `value of ${id}`, { ...at, id });
  await put(old, 'elsewhere', { ...at, partition: 'owner_2' });
  const rotated = encrypted(inner, keyRing([second, first]));
  await put(rotated, 'value of id-7', { ...at, id: 'id-7' });
  const before = (await inner.get({ ...at, id: 'id-7' }))?.version;

  expect(await rotated.reencrypt(at.partition)).toBe(249);
  expect(new Set(await keyIdsIn(inner))).toEqual(new Set(['second']));
  expect((await inner.get({ ...at, id: 'id-7' }))?.version).toBe(before);
  expect(await keyIdsIn(inner, 'owner_2')).toEqual(['first']);
  const onlyNew = encrypted(inner, keyRing([second]));
  for (const id of ids) expect(await textAt(onlyNew, { ...at, id })).toBe(`value of ${id}`);
  expect(await rotated.reencrypt(at.partition)).toBe(0);
});

test('reencrypt keeps the time that a record has left, and gives none to a record that stays', async () => {
  const inner = new MemoryTokenStore();
  const ttls: (number | undefined)[] = [];
  const compareAndSet = inner.compareAndSet.bind(inner);
  inner.compareAndSet = (place, expected, value, options) => {
    ttls.push(options?.ttlMs);
    return compareAndSet(place, expected, value, options);
  };
  const old = encrypted(inner, keyRing([first]));
  await put(old, 'short', { ...at, id: 'a' }, 400);
  await put(old, 'long', { ...at, id: 'b' }, 60_000);
  await put(old, 'for good', { ...at, id: 'c' });
  ttls.length = 0;
  const rotated = encrypted(inner, keyRing([second, first]));
  expect(await rotated.reencrypt(at.partition)).toBe(3);
  expect(ttls).toEqual([expect.any(Number), expect.any(Number), undefined]);
  expect(ttls[0]).toBeLessThanOrEqual(400);
  expect(ttls[1]).toBeLessThanOrEqual(60_000);
  expect(ttls[1]).toBeGreaterThan(50_000);
  await new Promise((resolve) => setTimeout(resolve, 450));
  expect((await rotated.list(at.partition)).map(({ id }) => id)).toEqual(['b', 'c']);
});

test('reencrypt keeps the time over many keys, and leaves alone what has run out by this clock', async () => {
  const inner = new MemoryTokenStore();
  const third = key('third');
  await put(encrypted(inner, keyRing([first])), 'value', at, 60_000);
  const expiry = async () => parseEnvelope(await valueAt(inner))?.expiresAt;
  const before = await expiry();
  await encrypted(inner, keyRing([second, first])).reencrypt(at.partition);
  await encrypted(inner, keyRing([third, second, first])).reencrypt(at.partition);
  expect(await expiry()).toBe(before);

  // The clock of the store may be behind this one: it still has the record, and for how long only it knows.
  const [ringKey, newest] = [keyRing([first]).newest, encrypted(inner, keyRing([second, first]))];
  const overdue = sealEnvelope(at, ringKey, bytes('value'), Date.now() - 1_000);
  await put(inner, overdue);
  expect(await newest.reencrypt(at.partition)).toBe(0);
  expect(await valueAt(inner)).toEqual(overdue);
});

test('reencrypt loses no write of others: whoever writes in between wins', async () => {
  const inner = new MemoryTokenStore();
  const old = encrypted(inner, keyRing([first]));
  await put(old, 'before');
  await put(old, 'goes away', { ...at, id: 'other' });
  const compareAndSet = inner.compareAndSet.bind(inner);
  let interfered = 0;
  inner.compareAndSet = async (...call) => {
    inner.compareAndSet = compareAndSet;
    interfered += 1;
    await put(old, 'meanwhile');
    await inner.compareAndSet(
      { ...at, id: 'other' },
      (await inner.get({ ...at, id: 'other' }))?.version ?? null,
      null,
    );
    return compareAndSet(...call);
  };
  const rotated = encrypted(inner, keyRing([second, first]));
  expect(await rotated.reencrypt(at.partition)).toBe(1);
  expect(interfered).toBe(1);
  expect(await textAt(rotated)).toBe('meanwhile');
  expect(await keyIdsIn(inner)).toEqual(['second']);
  expect(await rotated.get({ ...at, id: 'other' })).toBeNull();
});

test('reencrypt leaves what it can not read, does the rest, and tells', async () => {
  const inner = new MemoryTokenStore();
  await put(encrypted(inner, keyRing([key('lost')])), 'unreadable', { ...at, id: 'a' });
  await put(inner, 'plain', { ...at, id: 'b' });
  await put(encrypted(inner, keyRing([first])), 'good', { ...at, id: 'c' });
  const before = await Promise.all(['a', 'b'].map((id) => valueAt(inner, { ...at, id })));
  const rotated = encrypted(inner, keyRing([second, first]));
  expect((await storeErrorOf(rotated.reencrypt(at.partition))).message).toContain('"lost"');
  expect(await Promise.all(['a', 'b'].map((id) => valueAt(inner, { ...at, id })))).toEqual(before);
  expect(await textAt(rotated, { ...at, id: 'c' })).toBe('good');
  expect(parseEnvelope(await valueAt(inner, { ...at, id: 'c' }))?.keyId).toBe('second');
});

test('reencrypt gives up with busy where a record changes all the time', async () => {
  const inner = new MemoryTokenStore();
  const old = encrypted(inner, keyRing([first]));
  await put(old, 'value');
  inner.compareAndSet = async () => Promise.resolve({ ok: false, current: await inner.get(at) });
  const rotated = encrypted(inner, keyRing([second, first]));
  expect((await storeErrorOf(rotated.reencrypt(at.partition))).kind).toBe('busy');
});

test('after rotate, a store that is open reads what the new key encrypts, and uses it after reencrypt', async () => {
  const inner = new MemoryTokenStore();
  const source = wrappedKeys(reversing());
  const open = encrypted(inner, source);
  await put(open, 'old');
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await source.rotate(inner);
  const other = encrypted(inner, source);
  await put(other, 'new');
  expect(await textAt(open)).toBe('new');
  await put(open, 'old again');
  expect(await open.reencrypt(at.partition)).toBe(0);
  expect(new Set(await keyIdsIn(inner)).size).toBe(1);
});

/** A key service that any child could break. */
function reversing() {
  const reversed = (value: Uint8Array) => Promise.resolve(Uint8Array.from([...value].reverse()));
  return { wrap: reversed, unwrap: reversed };
}

test('many stores that begin at the same moment agree on one key', async () => {
  const inner = new MemoryTokenStore();
  const stores = Array.from({ length: 20 }, () => encrypted(inner, wrappedKeys(reversing())));
  await Promise.all(
    stores.map((store, index) => store.compareAndSet({ ...at, id: `id-${index}` }, null, bytes('value'))),
  );
  expect(new Set(await keyIdsIn(inner)).size).toBe(1);
  for (const store of stores) expect((await store.list(at.partition)).length).toBe(20);
});
