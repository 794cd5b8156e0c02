import { expect, test } from '@jest/globals';
import { calculateJwkThumbprint, decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { generateJwk, keyOfJwk, keyOfPair } from '../../src/dpop/dpop-key.js';
import { Dpop } from '../../src/dpop/dpop.js';
import { systemClock } from '../../src/time/clock.js';
import { dpopProof } from '../../src/protocol/dpop-proof.js';

const NOW = 1_800_000_000_500;

test.each(['ES256', 'ES384', 'ES512', 'PS256', 'RS256'])(
  'a proof with %s is a dpop+jwt that its own public key verifies',
  async (alg) => {
    const key = await keyOfJwk(await generateJwk(alg), alg);
    const proof = await dpopProof(key, { method: 'POST', url: 'https://as.example/token' }, NOW);
    const { typ, jwk = {} } = decodeProtectedHeader(proof);
    expect(typ).toBe('dpop+jwt');
    const { payload } = await jwtVerify(proof, await importJWK(jwk, alg), { currentDate: new Date(NOW) });
    expect(payload).toEqual({
      jti: expect.stringMatching(/^[\w-]{22}$/),
      htm: 'POST',
      htu: 'https://as.example/token',
      iat: 1_800_000_000,
    });
    expect(await calculateJwkThumbprint(jwk)).toBe(key.thumbprint);
  },
);

test('a key pair of the host proves by Ed25519 too, and by the thumbprint of its public half', async () => {
  const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  if (!('privateKey' in pair)) throw new Error('no pair');
  const key = await keyOfPair(pair);
  const proof = await dpopProof(key, { method: 'GET', url: 'https://mcp.example/mcp' }, NOW);
  const { jwk = {} } = decodeProtectedHeader(proof);
  await jwtVerify(proof, await importJWK(jwk, 'EdDSA'), { currentDate: new Date(NOW) });
  expect(await calculateJwkThumbprint(jwk)).toBe(key.thumbprint);
});

test('a proof names the address without its query and fragment, the hash of the token, and the nonce', async () => {
  const key = await keyOfJwk(await generateJwk('ES256'), 'ES256');
  const url = 'https://MCP.example:443/mcp/x?session=1#part';
  const proof = await dpopProof(key, { method: 'GET', url, accessToken: 'token', nonce: 'n-1' }, NOW);
  expect(decodeJwt(proof)).toMatchObject({
    htm: 'GET',
    htu: 'https://mcp.example/mcp/x',
    ath: 'PEaenWxYddN6Q_NT1PiOYfz4EsZu7jRXRlpAsNpBU-A',
    nonce: 'n-1',
  });
});

test('no proof shows the private half of its key', async () => {
  for (const alg of ['ES256', 'RS256']) {
    const jwk = await generateJwk(alg);
    const proof = await dpopProof(
      await keyOfJwk(jwk, alg),
      { method: 'GET', url: 'https://a.example/' },
      NOW,
    );
    const shown = Object.keys(decodeProtectedHeader(proof).jwk ?? {});
    expect(shown.sort()).toEqual(alg === 'RS256' ? ['e', 'kty', 'n'] : ['crv', 'kty', 'x', 'y']);
  }
});

test('the key of a record is imported so that it can not be read again', async () => {
  const key = await keyOfJwk(await generateJwk('ES256'), 'ES256');
  expect(key.privateKey.extractable).toBe(false);
  await expect(crypto.subtle.exportKey('jwk', key.privateKey)).rejects.toThrow();
});

test.each([
  ['of another algorithm', async () => keyOfJwk(await generateJwk('ES384'), 'ES256')],
  ['of no algorithm', async () => keyOfJwk(await generateJwk('ES256'), 'HS256')],
  ['without its private half', async () => keyOfJwk({ ...(await generateJwk('ES256')), d: '' }, 'ES256')],
])('a key %s in a record is told as damage of the store, without a word of it', async (_, read) => {
  const error: unknown = await read().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'store_failed', kind: 'corrupt' });
  expect(error).not.toHaveProperty('cause');
});

test.each<readonly [string, () => Promise<CryptoKeyPair | CryptoKey>]>([
  [
    'to agree on',
    () => crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']),
  ],
])('a key pair %s is no key pair to prove with', async (_, make) => {
  await expect(keyOfPair((await make()) as CryptoKeyPair)).rejects.toMatchObject({ code: 'invalid_config' });
});

test('a record that names another key than it holds is damaged, whichever process reads it', async () => {
  const key = await generateJwk('ES256');
  const { thumbprint } = await keyOfJwk(await generateJwk('ES256'), 'ES256');
  const dpop = new Dpop(systemClock(), undefined);
  const damaged = { code: 'store_failed', kind: 'corrupt' };
  await expect(
    dpop.prover({ jkt: thumbprint, alg: 'ES256', key }, 'https://mcp.example'),
  ).rejects.toMatchObject(damaged);
});
