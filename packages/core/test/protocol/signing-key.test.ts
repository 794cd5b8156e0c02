import { expect, test } from '@jest/globals';
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import { SigningKey } from '../../src/protocol/signing-key.js';
import type { ClientKey } from '../../src/registration/client-key.js';

const WHOSE = 'the client "machine"';
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ec384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const ed = generateKeyPairSync('ed25519');

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function jwk(key: KeyObject): JsonWebKey {
  return key.export({ format: 'jwk' });
}

async function imported(given: ClientKey) {
  return await new SigningKey(given, WHOSE).imported();
}

test.each([
  ['a PEM text of P-256', pem(ec.privateKey), undefined, 'ES256'],
  ['a PEM text of P-384', pem(ec384.privateKey), undefined, 'ES384'],
  ['a PEM text of RSA', pem(rsa.privateKey), undefined, 'RS256'],
  ['a PEM text of RSA for PS384', pem(rsa.privateKey), 'PS384', 'PS384'],
  ['a PEM text of Ed25519', pem(ed.privateKey), undefined, 'EdDSA'],
  ['a PEM text of one line', pem(ec.privateKey).replaceAll('\n', '\\n'), undefined, 'ES256'],
  ['a JWK of P-256', jwk(ec.privateKey), undefined, 'ES256'],
  ['a JWK of RSA', jwk(rsa.privateKey), undefined, 'RS256'],
  ['a JWK of RSA for PS256', { ...jwk(rsa.privateKey), alg: 'PS256' }, undefined, 'PS256'],
  ['a JWK of Ed25519', jwk(ed.privateKey), undefined, 'EdDSA'],
  [
    'a JWK that notes its use',
    { ...jwk(ec.privateKey), use: 'sig', key_ops: ['verify'] },
    undefined,
    'ES256',
  ],
])('%s is a key that signs', async (_, key, alg, expected) => {
  const ready = await imported({ key, ...(alg === undefined ? {} : { alg }) });
  expect(ready.alg).toBe(expected);
  expect(ready.key).toMatchObject({ type: 'private', extractable: false, usages: ['sign'] });
});

test('what it signs is verified by its public half', async () => {
  const { key } = await imported({ key: pem(ec.privateKey) });
  const data = new TextEncoder().encode('signed');
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, data);
  const publicKey = createPublicKey({ key: jwk(ec.publicKey) as never, format: 'jwk' });
  expect(
    verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, new Uint8Array(signature)),
  ).toBe(true);
});

test('a CryptoKey is used as it is, also where it can not be exported', async () => {
  const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, false, [
    'sign',
    'verify',
  ]);
  expect(await imported({ key: privateKey, kid: 'a' })).toEqual({ key: privateKey, kid: 'a', alg: 'ES384' });
  await expect(imported({ key: privateKey, alg: 'ES256' })).rejects.toThrow(/ES384, not for ES256/);
});

test('the kid is the one that was given, else that of the JWK', async () => {
  const key = { ...jwk(ec.privateKey), kid: 'of-the-jwk' };
  expect((await imported({ key })).kid).toBe('of-the-jwk');
  expect((await imported({ key, kid: 'given' })).kid).toBe('given');
});

test('it is imported once', async () => {
  const key = new SigningKey({ key: pem(ec.privateKey) }, WHOSE);
  expect((await key.imported()).key).toBe((await key.imported()).key);
});

const weak = generateKeyPairSync('rsa', { modulusLength: 1_024 });
const sec1 = ec.privateKey.export({ type: 'sec1', format: 'pem' }) as string;
const encrypted = ec.privateKey.export({
  type: 'pkcs8',
  format: 'pem',
  cipher: 'aes-256-cbc',
  passphrase: 'x',
});

test.each<[string, ClientKey, RegExp]>([
  ['PEM of another kind', { key: sec1 }, /openssl pkcs8/],
  ['encrypted PEM', { key: encrypted as string }, /ENCRYPTED PRIVATE KEY/],
  ['a public PEM', { key: ec.publicKey.export({ type: 'spki', format: 'pem' }) as string }, /PUBLIC KEY/],
  ['no PEM', { key: 'MIGHAgEAMBMGByqGSM49-and-so-on' }, /no PKCS#8 PEM/],
  ['PEM that was cut', { key: pem(ec.privateKey).replace(/.{40}\n-----END/, '\n-----END') }, /no key for/],
  ['a public JWK', { key: jwk(ec.publicKey) }, /neither/],
  [
    'a JWK of a curve that nobody signs with',
    { key: { ...jwk(ec.privateKey), crv: 'secp256k1' } },
    /not supported/,
  ],
  ['a JWK whose halves don\u2019t fit', { key: { ...jwk(ec.privateKey), crv: 'P-384' } }, /no key for ES384/],
  ['a key for another algorithm', { key: pem(rsa.privateKey), alg: 'ES256' }, /no key for ES256/],
  ['a symmetric algorithm', { key: pem(rsa.privateKey), alg: 'HS256' }, /must be one of/],
  ['an RSA key that is too short', { key: pem(weak.privateKey) }, /2048 bits/],
  ['nothing', { key: undefined as never }, /neither/],
])('%s is refused by an error that names the client and repeats nothing of it', async (_, given, problem) => {
  const error: unknown = await (async () => await imported(given))().catch((failure: unknown) => failure);
  expect(error).toMatchObject({ code: 'invalid_config', message: expect.stringMatching(problem) });
  expect(String(error)).toContain('"machine"');
  const shown = inspect(error, { depth: 10 });
  const parts = typeof given.key === 'string' ? given.key.match(/[A-Za-z0-9+/]{24,}/g) : [];
  for (const part of parts ?? []) expect(shown).not.toContain(part);
});

test('the same key given again is known, and another one is another', () => {
  const key = new SigningKey({ key: jwk(ec.privateKey), kid: 'a' }, WHOSE);
  expect(key.isOf({ key: jwk(ec.privateKey), kid: 'a' })).toBe(true);
  expect(key.isOf({ key: jwk(ec.privateKey), kid: 'b' })).toBe(false);
  expect(key.isOf({ key: jwk(ec384.privateKey), kid: 'a' })).toBe(false);
  expect(new SigningKey({ key: pem(ec.privateKey) }, WHOSE).isOf({ key: pem(ec.privateKey) })).toBe(true);
});
