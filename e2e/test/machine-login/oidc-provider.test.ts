import { afterEach, expect, test } from '@jest/globals';
import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import type { SessionSettings } from '@mcp-oauth/core';
import { canary, startMcpServer, startOidcProvider } from '@mcp-oauth/e2e';
import type { OidcProvider, RunningMcpServer } from '@mcp-oauth/e2e';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { initialized, newClient, newKey } from './scene.js';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of closing.splice(0).reverse()) await end();
});

const machine = {
  redirect_uris: [],
  response_types: [],
  grant_types: ['client_credentials'],
  // oidc-provider grants what a client is registered for.
  scope: 'mcp:tools mcp:admin',
};

async function connected(
  provider: OidcProvider,
  settings: SessionSettings,
): Promise<{ whoami: string; mcp: RunningMcpServer; revoked: unknown }> {
  const mcp = await startMcpServer({ authorizationServers: [provider] });
  closing.push(() => mcp.close());
  const oauth = createOAuthClient({ store: new MemoryTokenStore(), client: { client_name: 'Machine' } });
  closing.push(() => oauth.close());
  const session = oauth.session({ resource: mcp.url }, settings);
  const sdk = newClient();
  await sdk.connect(new StreamableHTTPClientTransport(mcp.url, { fetch: session.fetch }));
  await sdk.callTool({ name: 'admin_only' });
  const whoami = JSON.stringify(await sdk.callTool({ name: 'whoami' }));
  await sdk.close();
  return { whoami, mcp, revoked: await session.revoke() };
}

test.each(['client_secret_basic', 'client_secret_post'] as const)(
  'oidc-provider gives opaque tokens to a machine with %s, once for the login and once for a step-up, and takes them back',
  async (method) => {
    const clientSecret = canary('secret');
    const clientId = 'machine with spaces:and%colons';
    const provider = await startOidcProvider({
      accessTokenFormat: 'opaque',
      clients: [
        { ...machine, client_id: clientId, client_secret: clientSecret, token_endpoint_auth_method: method },
      ],
    });
    closing.push(() => provider.close());
    const { whoami, revoked } = await connected(provider, {
      clientId,
      clientSecret,
      tokenEndpointAuthMethod: method,
      grant: { type: 'client_credentials' },
    });
    expect(whoami).toContain('mcp:tools');
    expect(whoami).toContain('mcp:admin');
    expect(provider.counts()['POST /token']).toBe(2);
    expect(provider.errors()).toEqual([]);
    expect(revoked).toEqual({ refresh_token: 'absent', access_token: 'revoked' });
  },
);

test.each(['ES256', 'PS256', 'EdDSA'])('oidc-provider knows a machine by its %s key', async (alg) => {
  const { privateKey, jwks } = await newKey(alg);
  const provider = await startOidcProvider();
  closing.push(() => provider.close());
  // By hand, as whoever runs the machine would.
  const registered = await fetch(`${provider.issuer}/reg`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...machine,
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: alg,
      jwks,
    }),
  });
  const { client_id: clientId } = (await registered.json()) as { client_id: string };
  const { whoami, revoked } = await connected(provider, {
    clientId,
    privateKey,
    grant: { type: 'client_credentials' },
  });
  expect(whoami).toContain(clientId);
  // It doesn't take JWTs back, and says so: to a client that it knows.
  expect(revoked).toEqual({ refresh_token: 'absent', access_token: 'unsupported' });
  expect(provider.errors().map(({ error }) => error)).toEqual(['unsupported_token_type']);
});

test('a machine whose metadata document names its key proves itself by it, and needs no registration', async () => {
  const { privateKey, jwks } = await newKey();
  const clientMetadataUrl = 'https://machine.example/client.json';
  const provider = await startOidcProvider({
    clientMetadataDocuments: {
      [clientMetadataUrl]: {
        client_id: clientMetadataUrl,
        client_name: 'Machine',
        redirect_uris: ['http://localhost:9876/callback'],
        grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
        token_endpoint_auth_method: 'private_key_jwt',
        scope: 'mcp:tools',
        jwks,
      },
    },
  });
  closing.push(() => provider.close());
  const mcp = await startMcpServer({ authorizationServers: [provider] });
  closing.push(() => mcp.close());
  const oauth = createOAuthClient({
    store: new MemoryTokenStore(),
    client: { client_name: 'Machine' },
    clientMetadataUrl,
    clientKey: privateKey,
  });
  closing.push(() => oauth.close());
  const session = oauth.session({ resource: mcp.url }, { grant: { type: 'client_credentials' } });
  expect((await initialized(session, mcp.url)).status).toBe(200);
  expect((await provider.verify(await session.accessToken()))?.clientId).toBe(clientMetadataUrl);
  expect(provider.counts()['POST /reg']).toBeUndefined();
  expect(provider.errors()).toEqual([]);
});
