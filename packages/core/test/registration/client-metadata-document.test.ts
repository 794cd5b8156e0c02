import { expect, test } from '@jest/globals';
import {
  clientMetadataDocument,
  clientMetadataDocumentHeaders,
  createOAuthClient,
  MemoryTokenStore,
} from '@mcp-oauth/core';
import type { ClientMetadataDocumentOptions, OAuthClientOptions } from '@mcp-oauth/core';

const URL_OF_DOCUMENT = 'https://host.example/oauth/client.json';
const HERE = 'http://localhost:9876/callback';

const document = (options: Partial<ClientMetadataDocumentOptions> = {}) =>
  clientMetadataDocument({
    url: URL_OF_DOCUMENT,
    client: { client_name: 'Test host', client_uri: 'https://host.example' },
    redirectUris: [HERE],
    ...options,
  });

const client = (options: Partial<OAuthClientOptions>) =>
  createOAuthClient({ store: new MemoryTokenStore(), client: { client_name: 'Test host' }, ...options });

async function keyPair() {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const exported = (key: CryptoKey) => crypto.subtle.exportKey('jwk', key);
  return { publicKey: await exported(pair.publicKey), privateKey: await exported(pair.privateKey) };
}

test('a document has all that servers ask for, under exactly the address that it is published at', () => {
  expect(document()).toEqual({
    client_id: URL_OF_DOCUMENT,
    client_name: 'Test host',
    client_uri: 'https://host.example',
    redirect_uris: [HERE],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'native',
  });
  expect(clientMetadataDocumentHeaders['content-type']).toBe('application/json');
});

test.each([
  [['https://host.example/cb'], 'web'],
  [['https://host.example/cb', HERE], 'native'],
  [['http://127.0.0.1:7001/cb'], 'native'],
] as const)('with the redirect addresses %j it is a %s application', (redirectUris, application_type) => {
  expect(document({ redirectUris })).toMatchObject({ application_type, redirect_uris: redirectUris });
});

test('further grant types stand beside the two that are always there', () => {
  const device = 'urn:ietf:params:oauth:grant-type:device_code';
  expect(document({ grantTypes: [device, 'refresh_token'] }).grant_types).toEqual([
    'authorization_code',
    'refresh_token',
    device,
  ]);
});

test('public keys make it a client that proves itself, and no private one gets into it', async () => {
  const { publicKey, privateKey } = await keyPair();
  expect(document({ jwks: { keys: [publicKey] } })).toMatchObject({
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [publicKey] },
  });
  expect(document({ jwksUri: 'https://host.example/jwks.json' })).toMatchObject({
    token_endpoint_auth_method: 'private_key_jwt',
    jwks_uri: 'https://host.example/jwks.json',
  });
  for (const secret of [
    privateKey,
    { kty: 'oct', k: 'c2VjcmV0' },
    { kty: 'RSA', n: 'x', e: 'AQAB', p: 'y' },
  ]) {
    expect(() => document({ jwks: { keys: [publicKey, secret] } })).toThrow(/private key/);
  }
  expect(() => document({ jwks: { keys: [] } })).toThrow(/no key/);
  expect(() => document({ jwks: { keys: [publicKey] }, jwksUri: 'https://host.example/jwks.json' })).toThrow(
    /not both/,
  );
  expect(() => document({ jwksUri: 'http://host.example/jwks.json' })).toThrow(/jwksUri/);
});

const badUrls = [
  ['http://host.example/client.json', /https/],
  ['http://localhost/client.json', /https/],
  ['https://host.example', /path/],
  ['https://host.example/', /path/],
  ['https://host.example/client.json#', /fragment/],
  ['https://host.example/client.json#x', /fragment/],
  ['https://u:p@host.example/client.json', /credentials/],
  ['https://host.example/a/../client.json', /normal form, which is https:\/\/host.example\/client.json/],
  ['https://host.example/./client.json', /normal form/],
  ['https://host.example/a/%2e%2E/client.json', /normal form/],
  ['https://HOST.example/client.json', /normal form/],
  ['https://host.example:443/client.json', /normal form/],
  [' https://host.example/client.json', /normal form/],
  [`https://host.example/${'x'.repeat(2_100)}`, /characters/],
  ['client.json', /not a URL/],
  ['', /not a URL/],
] as const;

test.each(badUrls)('%j is no address of a document, and no clientMetadataUrl', (url, says) => {
  expect(() => document({ url })).toThrow(says);
  expect(() => client({ clientMetadataUrl: url })).toThrow(says);
  expect(() => client({ clientMetadataUrl: url })).toThrow(/^clientMetadataUrl/);
});

test('a query is taken, though it is better left out', () => {
  expect(document({ url: `${URL_OF_DOCUMENT}?v=1` }).client_id).toBe(`${URL_OF_DOCUMENT}?v=1`);
});

test.each([
  ['no name', { client: { client_name: ' ' } }, 'invalid_config'],
  ['no redirect address', { redirectUris: [] }, 'invalid_config'],
  ['a redirect address without https', { redirectUris: ['http://host.example/cb'] }, 'unsafe_url'],
  ['a redirect address with a fragment', { redirectUris: ['https://host.example/cb#x'] }, 'unsafe_url'],
  [
    'more than servers read',
    { redirectUris: Array.from({ length: 200 }, (_, i) => `https://host.example/callback/${String(i)}`) },
    'invalid_config',
  ],
])('a document with %s is refused', (_, options, code) => {
  expect(() => document(options)).toThrow(expect.objectContaining({ code }));
});

test('a client that is given its document checks that both agree', async () => {
  const { publicKey, privateKey } = await keyPair();
  const proving = document({ jwks: { keys: [publicKey] } });
  client({ clientMetadataDocument: document(), clientMetadataUrl: URL_OF_DOCUMENT });
  client({ clientMetadataDocument: proving, clientKey: { key: privateKey } });
  expect(() => client({ clientMetadataDocument: proving })).toThrow(/configure its clientKey/);
  expect(() => client({ clientMetadataDocument: document(), clientKey: { key: privateKey } })).toThrow(
    /no jwks/,
  );
  expect(() =>
    client({ clientMetadataDocument: document(), clientMetadataUrl: 'https://host.example/other.json' }),
  ).toThrow(/One of them is enough/);
  expect(() => client({ clientMetadataDocument: { ...document(), client_id: 'x' } })).toThrow(/client_id/);
});

test('a secret gets into no document, and neither does an address of keys that no server could fetch', () => {
  const url = 'https://host.example/client.json';
  const redirectUris = ['https://host.example/callback'];
  const leaking = { client_name: 'Host', client_secret: 'cnry-secret' };
  expect(() => clientMetadataDocument({ url, client: leaking, redirectUris })).toThrow(/client_secret/);
  expect(() => clientMetadataDocument({ url, client: leaking, redirectUris })).not.toThrow(/cnry/);
  const client = { client_name: 'Host' };
  const jwksUri = 'http://localhost/jwks.json';
  expect(() => clientMetadataDocument({ url, client, redirectUris, jwksUri })).toThrow(/jwksUri.*https/);
});
