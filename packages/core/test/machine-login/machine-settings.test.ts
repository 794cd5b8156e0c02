import { expect, test } from '@jest/globals';
import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import type { MachineGrant, SessionSettings } from '@mcp-oauth/core';

const resource = 'https://mcp.example/mcp';
const jwt = (): string => 'a.b.c';
const credentials: MachineGrant = { type: 'client_credentials' };
const bearer: MachineGrant = { type: 'jwt_bearer', assertion: jwt };
const provider = { issuer: 'https://idp.example', clientId: 'host' };

async function privateJwk(): Promise<JsonWebKey> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  return await crypto.subtle.exportKey('jwk', pair.privateKey);
}

function opened(
  settings: SessionSettings,
  host: { clientMetadataUrl?: string; clientKey?: { key: JsonWebKey } } = {},
) {
  const oauth = createOAuthClient({
    store: new MemoryTokenStore(),
    client: { client_name: 'Machine' },
    ...host,
  });
  return () => oauth.session({ resource }, settings);
}

test.each<[string, SessionSettings, RegExp]>([
  ['client credentials without a client', { grant: credentials }, /clientId/],
  [
    'client credentials of a public client',
    { clientId: 'm', grant: credentials },
    /clientSecret or a privateKey/,
  ],
  [
    'client credentials of a client for none',
    { clientId: 'm', clientSecret: 's', tokenEndpointAuthMethod: 'none', grant: credentials },
    /prove itself/,
  ],
  ['an assertion without a client', { grant: bearer }, /clientId/],
  [
    'an assertion that is no function',
    { clientId: 'm', grant: { type: 'jwt_bearer', assertion: 'a.b.c' as never } },
    /function/,
  ],
  ['a grant that nobody knows', { clientId: 'm', grant: { type: 'password' as never } }, /grant\.type/],
  [
    'an ID token that is no function',
    {
      clientId: 'm',
      grant: { type: 'enterprise_managed', identityProvider: provider, idToken: 'a.b.c' as never },
    },
    /grant\.idToken/,
  ],
  [
    'an identity provider without a client',
    {
      clientId: 'm',
      grant: { type: 'enterprise_managed', identityProvider: { ...provider, clientId: '' }, idToken: jwt },
    },
    /identityProvider\.clientId/,
  ],
  [
    'an identity provider over plain http',
    {
      clientId: 'm',
      grant: {
        type: 'enterprise_managed',
        identityProvider: { ...provider, issuer: 'http://idp.example' },
        idToken: jwt,
      },
    },
    /identityProvider\.issuer.*plain http/,
  ],
  [
    'a method at the identity provider without its proof',
    {
      clientId: 'm',
      grant: {
        type: 'enterprise_managed',
        identityProvider: { ...provider, tokenEndpointAuthMethod: 'private_key_jwt' },
        idToken: jwt,
      },
    },
    /identityProvider needs a privateKey/,
  ],
  ['a secret without a client', { clientSecret: 's' }, /clientSecret says more about clientId/],
  [
    'a method without its secret',
    { clientId: 'm', tokenEndpointAuthMethod: 'client_secret_post' },
    /needs a clientSecret/,
  ],
  [
    'a method without its key',
    { clientId: 'm', tokenEndpointAuthMethod: 'private_key_jwt' },
    /needs a privateKey/,
  ],
  ['a key that is none', { clientId: 'm', privateKey: { key: 'no key' } }, /private key of the client "m"/],
])('E3: %s is refused when the session is opened', (_, settings, problem) => {
  expect(opened(settings)).toThrow(
    expect.objectContaining({ code: 'invalid_config', message: expect.stringMatching(problem) }),
  );
});

test('a host that publishes its metadata document needs no client id, and for client credentials its key', async () => {
  const clientMetadataUrl = 'https://host.example/client.json';
  expect(opened({ grant: bearer }, { clientMetadataUrl })).not.toThrow();
  expect(opened({ grant: credentials }, { clientMetadataUrl })).toThrow(/clientKey/);
  const clientKey = { key: await privateJwk() };
  expect(opened({ grant: credentials }, { clientMetadataUrl, clientKey })).not.toThrow();
});

test('a key of the host without a metadata document belongs to nobody', async () => {
  const clientKey = { key: await privateJwk() };
  expect(() => opened({}, { clientKey })).toThrow(/clientKey/);
});
