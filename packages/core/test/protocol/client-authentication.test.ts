import { expect, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { ClientInformation } from '../../src/credentials/credentials.js';
import { clientAuthentication } from '../../src/protocol/client-authentication.js';
import type { ClientKey } from '../../src/registration/client-key.js';
import { ClientKeyring } from '../../src/registration/client-keys.js';

const server = { issuer: 'https://as.example', token_endpoint: 'https://as.example/token' };

async function authenticated(client: ClientInformation, methods?: readonly string[]) {
  const headers = new Headers();
  const body = new URLSearchParams();
  const pinned = { ...server, token_endpoint_auth_methods_supported: methods };
  const authentication = await clientAuthentication({
    client,
    server: pinned,
    keys: new ClientKeyring().host,
  });
  await authentication(server, { client_id: client.client_id }, body, headers);
  const basic = /^Basic (.+)$/.exec(headers.get('authorization') ?? '')?.[1];
  return {
    basic: basic && Buffer.from(basic, 'base64').toString('utf8'),
    body: Object.fromEntries(body),
  };
}

test.each([
  ['plain-ID_1.2~3', 'plain-ID_1.2~3'],
  ['a b', 'a+b'],
  ['a:b', 'a%3Ab'],
  ['a+b', 'a%2Bb'],
  ['a%b', 'a%25b'],
  ['a&b=c', 'a%26b%3Dc'],
  ['ä€𝄞', '%C3%A4%E2%82%AC%F0%9D%84%9E'],
  ["!'()*", "!'()*"],
])(
  'Basic authentication encodes %j as a form does, and unreserved characters not at all',
  async (text, encoded) => {
    const client = {
      client_id: text,
      client_secret: text,
      token_endpoint_auth_method: 'client_secret_basic',
    };
    expect(await authenticated(client)).toEqual({ basic: `${encoded}:${encoded}`, body: {} });
    expect(new URLSearchParams(`v=${encoded}`).get('v')).toBe(text);
  },
);

test('client_secret_post puts both into the body', async () => {
  const client = { client_id: 'c', client_secret: 's', token_endpoint_auth_method: 'client_secret_post' };
  expect(await authenticated(client)).toEqual({
    basic: undefined,
    body: { client_id: 'c', client_secret: 's' },
  });
});

test('a client without a secret only names itself, and one registered for none keeps its secret', async () => {
  expect(await authenticated({ client_id: 'c' })).toEqual({ basic: undefined, body: { client_id: 'c' } });
  const client = { client_id: 'c', client_secret: 's', token_endpoint_auth_method: 'none' };
  expect(await authenticated(client)).toEqual({ basic: undefined, body: { client_id: 'c' } });
});

test.each([
  [undefined, 'basic'],
  [['client_secret_post', 'client_secret_basic'], 'basic'],
  [['client_secret_post'], 'post'],
  [['private_key_jwt'], 'basic'],
])('where nothing was registered, a server that supports %j gets %s', async (methods, expected) => {
  const { basic, body } = await authenticated({ client_id: 'c', client_secret: 's' }, methods);
  expect(basic === undefined ? 'post' : 'basic').toBe(expected);
  expect('client_secret' in body).toBe(expected === 'post');
});

test('a method that is not supported is an error that names it, and not the secret', async () => {
  const client = {
    client_id: 'c',
    client_secret: 'very-secret',
    token_endpoint_auth_method: 'tls_client_auth',
  };
  await expect(authenticated(client)).rejects.toThrow(/tls_client_auth/);
  await expect(authenticated(client)).rejects.not.toThrow(/very-secret/);
});

const ISSUER = server.issuer;
const OTHER = 'https://other.example';

async function newKey(
  alg = 'ES256',
): Promise<{ readonly privateKey: JsonWebKey; readonly publicKey: CryptoKey }> {
  const algorithm = alg === 'EdDSA' ? { name: 'Ed25519' } : { name: 'ECDSA', namedCurve: 'P-256' };
  const pair = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
  return { privateKey: await crypto.subtle.exportKey('jwk', pair.privateKey), publicKey: pair.publicKey };
}

/** A key of Ann's for the client, at one issuer or at any. */
function add(keyring: ClientKeyring, { issuer, ...key }: ClientKey & { readonly issuer?: string }): void {
  keyring.add(keyring.order(), 'ann', { clientId: 'machine', issuer }, key);
}

/** What a client sends that proves itself by a key, read back. */
async function asserted(
  keyring: ClientKeyring,
  client: ClientInformation,
  algorithms?: readonly string[],
): Promise<{ header: Record<string, unknown>; claims: Record<string, unknown>; body: URLSearchParams }> {
  const body = new URLSearchParams();
  const headers = new Headers();
  const pinned = { ...server, token_endpoint_auth_signing_alg_values_supported: algorithms };
  const authentication = await clientAuthentication({ client, server: pinned, keys: keyring.of('ann') });
  await authentication(server, { client_id: client.client_id }, body, headers);
  expect([...headers]).toEqual([]);
  const assertion = body.get('client_assertion');
  if (assertion === null) return { header: {}, claims: {}, body };
  return { header: { ...decodeProtectedHeader(assertion) }, claims: decodeJwt(assertion), body };
}

const machine = { client_id: 'machine', token_endpoint_auth_method: 'private_key_jwt' };

test('private_key_jwt: an assertion of this client for this issuer alone, short-lived and never the same', async () => {
  const keyring = new ClientKeyring();
  const { privateKey, publicKey } = await newKey();
  add(keyring, { key: privateKey, kid: 'main' });
  const { header, claims, body } = await asserted(keyring, machine);
  expect(header).toEqual({ alg: 'ES256', kid: 'main' });
  expect(claims).toMatchObject({ iss: 'machine', sub: 'machine', aud: ISSUER });
  expect(Number(claims['exp']) - Number(claims['iat'])).toBeLessThanOrEqual(300);
  expect(Object.fromEntries(body)).toMatchObject({
    client_id: 'machine',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  });
  expect(body.has('client_secret')).toBe(false);
  const [signed, signature] = /^(.+)\.(.+)$/.exec(body.get('client_assertion') ?? '')?.slice(1) ?? [];
  const bytes = Buffer.from(signature ?? '', 'base64url');
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  expect(await crypto.subtle.verify(algorithm, publicKey, bytes, new TextEncoder().encode(signed))).toBe(
    true,
  );
  expect((await asserted(keyring, machine)).claims['jti']).not.toBe(claims['jti']);
});

test('a key of the same name proves no client that is not set up for one', async () => {
  const keyring = new ClientKeyring();
  add(keyring, { key: (await newKey()).privateKey });
  const both = { client_id: 'machine', client_secret: 's' };
  const body = new URLSearchParams();
  const headers = new Headers();
  const authentication = await clientAuthentication({ client: both, server, keys: keyring.of('ann') });
  await authentication(server, { client_id: 'machine' }, body, headers);
  expect(headers.get('authorization')).toMatch(/^Basic /);
  expect(body.has('client_assertion')).toBe(false);
  const post = { ...both, token_endpoint_auth_method: 'client_secret_post' };
  expect((await asserted(keyring, post)).body.get('client_secret')).toBe('s');
});

test('the key that belongs to an issuer is taken before one that may belong to any, and never at another', async () => {
  const keyring = new ClientKeyring();
  add(keyring, { key: (await newKey()).privateKey, kid: 'other', issuer: OTHER });
  await expect(asserted(keyring, machine)).rejects.toThrow(/not configured here/);
  add(keyring, { key: (await newKey()).privateKey, kid: 'any' });
  expect((await asserted(keyring, machine)).header['kid']).toBe('any');
  add(keyring, { key: (await newKey()).privateKey, kid: 'own', issuer: ISSUER });
  expect((await asserted(keyring, machine)).header['kid']).toBe('own');
});

test('of two keys for one client the later counts, as keys are rotated', async () => {
  const keyring = new ClientKeyring();
  const first = { key: (await newKey()).privateKey, kid: 'first' };
  add(keyring, first);
  add(keyring, { key: (await newKey()).privateKey, kid: 'second' });
  expect((await asserted(keyring, machine)).header['kid']).toBe('second');
});

test('a key that is missing is an error that names the client and the server', async () => {
  await expect(asserted(new ClientKeyring(), machine)).rejects.toMatchObject({
    code: 'invalid_config',
    message: expect.stringMatching(/"machine".*https:\/\/as\.example.*not configured here/),
  });
});

test('a key of a kind that the server does not take is refused before anything is sent', async () => {
  const keyring = new ClientKeyring();
  add(keyring, { key: (await newKey()).privateKey });
  await expect(asserted(keyring, machine, ['RS256', 'PS256'])).rejects.toThrow(/a key for ES256/);
  expect((await asserted(keyring, machine, ['RS256', 'ES256'])).header['alg']).toBe('ES256');
});

test.each([
  [undefined, 'EdDSA'],
  [['ES256', 'EdDSA'], 'EdDSA'],
  [['ES256', 'Ed25519'], 'Ed25519'],
])('an Ed25519 signature at a server that takes %j is called %s', async (supported, name) => {
  const keyring = new ClientKeyring();
  add(keyring, { key: (await newKey('EdDSA')).privateKey });
  expect((await asserted(keyring, machine, supported)).header['alg']).toBe(name);
});

test.each([
  ['client_secret_basic', ['client_secret_post'], 'post'],
  ['client_secret_post', ['client_secret_basic'], 'basic'],
  ['client_secret_basic', ['client_secret_basic', 'client_secret_post'], 'basic'],
  ['client_secret_basic', ['private_key_jwt'], 'basic'],
])('a secret for %s is shown to an endpoint that takes %j by %s', async (method, methods, way) => {
  const client = { client_id: 'c', client_secret: 's', token_endpoint_auth_method: method };
  const headers = new Headers();
  const body = new URLSearchParams();
  const authentication = await clientAuthentication(
    { client, server, keys: new ClientKeyring().host },
    methods,
  );
  await authentication(server, { client_id: 'c' }, body, headers);
  expect([headers.has('authorization'), body.has('client_secret')]).toEqual([
    way === 'basic',
    way === 'post',
  ]);
});
