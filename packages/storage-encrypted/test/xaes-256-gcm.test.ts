import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { Xaes256Gcm } from '../src/xaes-256-gcm.js';

const nonce = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWX');
const plaintext = new TextEncoder().encode('XAES-256-GCM');

test.each([
  [0x01, '', 'ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271'],
  [0x03, 'c2sp.org/XAES-256-GCM', '986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d'],
])('agrees with the published vector of C2SP for keys of 0x0%d', (byte, data, expected) => {
  const cipher = new Xaes256Gcm(new Uint8Array(32).fill(byte));
  const sealed = cipher.seal(nonce, plaintext, Buffer.from(data));
  expect(Buffer.from(sealed).toString('hex')).toBe(expected);
  expect(cipher.open(nonce, sealed, Buffer.from(data))).toEqual(plaintext);
});

test('agrees with the accumulated vector of C2SP over 10,000 random keys, nonces and messages', () => {
  // Every iteration draws a key, a nonce, a length with that much plaintext, and a length with that much data.
  const stream = createHash('shake128', { outputLength: 10_000 * (32 + 24 + 2 + 2 * 255) }).digest();
  const sum = createHash('shake128', { outputLength: 32 });
  let at = 0;
  const read = (length: number) => stream.subarray(at, (at += length));
  for (let iteration = 0; iteration < 10_000; iteration++) {
    const cipher = new Xaes256Gcm(read(32));
    const iv = read(24);
    const message = read(read(1)[0] ?? 0);
    const data = read(read(1)[0] ?? 0);
    const sealed = cipher.seal(iv, message, data);
    const opened = cipher.open(iv, sealed, data);
    if (!opened || !message.equals(opened)) throw new Error(`iteration ${iteration} does not open`);
    sum.update(sealed);
  }
  expect(sum.digest('hex')).toBe('e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939');
});

test('opens nothing under another key, nonce or additional data, and nothing that was cut', () => {
  const cipher = new Xaes256Gcm(new Uint8Array(32).fill(1));
  const data = Buffer.from('place');
  const sealed = cipher.seal(nonce, plaintext, data);
  expect(cipher.open(nonce, sealed, data)).toEqual(plaintext);
  expect(new Xaes256Gcm(new Uint8Array(32).fill(2)).open(nonce, sealed, data)).toBeUndefined();
  for (const index of [0, 11, 12, 23]) {
    const other = Buffer.from(nonce);
    other[index] = 0;
    expect([index, cipher.open(other, sealed, data)]).toEqual([index, undefined]);
  }
  expect(cipher.open(nonce, sealed, Buffer.from('other'))).toBeUndefined();
  for (const length of [0, 15, 16, sealed.length - 1])
    expect([length, cipher.open(nonce, sealed.subarray(0, length), data)]).toEqual([length, undefined]);
});
