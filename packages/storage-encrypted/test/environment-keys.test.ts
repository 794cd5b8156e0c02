import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import { encrypted, environmentKeys, keyRing } from '@mcp-oauth/storage-encrypted';
import { isKeyId } from '../src/key-ring.js';
import { readKeyText } from '../src/key-sources/key-text.js';
import { key, put, storeErrorOf, textAt } from './support/stores.js';

const name = 'ENCRYPTION_KEYS_OF_THIS_TEST';
afterEach(() => {
  delete process.env.ENCRYPTION_KEYS_OF_THIS_TEST;
});

const load = (text: string | undefined) => {
  if (text !== undefined) process.env[name] = text;
  return environmentKeys(name).load(new MemoryTokenStore());
};
const base64 = (id: string) => Buffer.from(key(id).key).toString('base64');
const base64Url = (id: string) => Buffer.from(key(id).key).toString('base64url');

test('takes ids and keys, newest first, as base64 and as base64url, with spaces and line ends around them', async () => {
  const ring = await load(
    ` new:${base64('new')},\n middle : ${base64Url('middle')}\n,old:${base64Url('old')},`,
  );
  expect(ring.ids).toEqual(['new', 'middle', 'old']);
  const inner = new MemoryTokenStore();
  await put(encrypted(inner, keyRing([key('middle')])), 'value');
  expect(await textAt(encrypted(inner, environmentKeys(name)))).toBe('value');
});

test('the variable is read when keys are needed, and not before', async () => {
  const store = encrypted(new MemoryTokenStore(), environmentKeys(name));
  const { kind, message } = await storeErrorOf(put(store, 'value'));
  expect([kind, message]).toEqual(['key_unavailable', expect.stringContaining(name)]);
  expect(message).toContain('openssl rand -base64 32');
  process.env[name] = `one:${base64('one')}`;
  await put(store, 'value');
  expect(await textAt(store)).toBe('value');
});

const zeros = Buffer.alloc(32).toString('base64');
test.each([
  ['nothing but separators', ' , \n', 'key_unavailable', /holds no key/],
  ['a key without an id', base64('a'), 'misconfigured', /Entry 1 .* "id:key"/],
  ['an unusable id', `good:${base64('a')},a b:${base64('b')}`, 'misconfigured', /Entry 2 .* "id:key"/],
  ['id and key confused', `${base64('a')}:id`, 'misconfigured', /Entry 1 .* "id:key"/],
  ['the same id twice', `a:${base64('a')},a:${base64('b')}`, 'misconfigured', /same id/],
  ['a short key', `a:${randomBytes(31).toString('base64')}`, 'misconfigured', /Entry 1 .* not a key/],
  ['hexadecimal text', `a:${randomBytes(32).toString('hex')}`, 'misconfigured', /Entry 1 .* not a key/],
  [
    'characters that decoders skip',
    `a:${base64('a').slice(0, 20)}!${base64('a').slice(20)}`,
    'misconfigured',
    /not a key/,
  ],
  ['bits that decoders drop', `a:${base64Url('a').slice(0, 42)}_`, 'misconfigured', /not a key/],
  ['a passphrase', 'a:correct horse battery staple', 'misconfigured', /not a key/],
  [
    'a passphrase of the right length',
    'a:correct-horse-battery-staple-correct-horse4',
    'misconfigured',
    /not random/,
  ],
  ['a passphrase as base64', `a:${btoa('Correct horse battery staple 123')}`, 'misconfigured', /not random/],
  ['a sentence as base64', `a:${btoa('The quick brown fox jumps over 7')}`, 'misconfigured', /not random/],
  ['zeros', `a:${zeros}`, 'misconfigured', /not random/],
  [
    'a pattern',
    `a:${Buffer.from('0123456789abcdef'.repeat(4), 'hex').toString('base64')}`,
    'misconfigured',
    /not random/,
  ],
])('refuses %s, and quotes none of it', async (_, text, kind, message) => {
  const failed = await storeErrorOf(load(text));
  expect([failed.kind, failed.message]).toEqual([kind, expect.stringMatching(message)]);
  for (const secret of text.split(/[:,]/).filter((part) => part.trim().length > 8))
    expect(failed.message).not.toContain(secret.trim());
});

test('refuses no random key, in 20,000', () => {
  for (let count = 0; count < 20_000; count++) {
    const text = randomBytes(32).toString(count % 2 === 0 ? 'base64' : 'base64url');
    // The key is public from here on: it is of no use to anybody.
    expect(() => readKeyText(`a:${text}`, text)).not.toThrow();
  }
});

test('the ids of made keys are usable ids', async () => {
  const { newKey } = await import('../src/key-sources/new-key.js');
  const made = [newKey(), newKey()];
  expect(made.every(({ id }) => isKeyId(id))).toBe(true);
  expect(new Set(made.map(({ id }) => id)).size).toBe(2);
});
