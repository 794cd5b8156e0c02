import { expect, test } from '@jest/globals';
import { InvalidConfigError } from '@mcp-oauth/core';
import { keyRing } from '@mcp-oauth/storage-encrypted';
import { key } from './support/stores.js';

const bytesOf = (length: number) => new Uint8Array(length).fill(7);

test.each([
  ['no key at all', [], /empty/],
  ['a short key', [{ id: 'a', key: bytesOf(31) }], /Key 1 .* 32 bytes/],
  ['a long key', [key('a'), { id: 'b', key: bytesOf(33) }], /Key 2 .* 32 bytes/],
  ['a key that is text', [{ id: 'a', key: 'x'.repeat(32) as unknown as Uint8Array }], /Key 1 .* 32 bytes/],
  ['an id twice', [key('a'), key('a', 'other')], /same id/],
  ['an empty id', [key('')], /Key 1 .* id/],
  ['a long id', [key('a'.repeat(65))], /Key 1 .* id/],
  ['an id with a separator', [key('a:b')], /Key 1 .* id/],
  ['an id with a line end', [key('a\n')], /Key 1 .* id/],
  ['an id beyond ASCII', [key('ä')], /Key 1 .* id/],
  ['too many keys', Array.from({ length: 65 }, (_, index) => key(`k${index}`)), /65 keys, more than 64/],
])('refuses %s', (_, keys, message) => {
  expect(() => keyRing(keys)).toThrow(InvalidConfigError);
  expect(() => keyRing(keys)).toThrow(message);
});

test('tells the ids, newest first', () => {
  expect(keyRing([key('new'), key('old')]).ids).toEqual(['new', 'old']);
});

test('a message never shows an id that may be the key, where the two were confused', () => {
  const text = Buffer.from(key('a').key).toString('base64');
  expect(() => keyRing([{ id: text, key: Buffer.from('id') }])).toThrow(/^((?!=).)*$/s);
});
