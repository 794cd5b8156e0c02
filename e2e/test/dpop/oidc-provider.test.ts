import { afterEach, expect, test } from '@jest/globals';
import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import { startMcpServer, startOidcProvider } from '@mcp-oauth/e2e';
import type { StartOidcProviderOptions } from '@mcp-oauth/e2e';
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { logIn, ping, schemes } from './scene.js';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of closing.splice(0).reverse()) await end();
});

test.each<readonly ['v1' | 'v2', string, StartOidcProviderOptions]>([
  ['v1', 'JWTs', { dpop: 'offered' }],
  [
    'v1',
    'opaque tokens, nonces and pushed requests',
    { dpop: 'nonces', accessTokenFormat: 'opaque', requirePar: true },
  ],
  ['v2', 'JWTs and nonces', { dpop: 'nonces' }],
])('over SDK %s oidc-provider binds tokens, by %s, renews and revokes them', async (sdk, _, options) => {
  const provider = await startOidcProvider(options);
  closing.push(() => provider.close());
  const mcp = await startMcpServer({ authorizationServers: [provider], dpop: 'required', dpopNonces: true });
  closing.push(() => mcp.close());
  const oauth = createOAuthClient({ store: new MemoryTokenStore(), client: { client_name: 'Test host' } });
  closing.push(() => oauth.close());
  const session = oauth.session({ resource: mcp.url }, { scopes: ['mcp:tools', 'offline_access'] });
  await logIn(oauth, session);
  const first = await session.currentToken({ dpop: true });
  const { fetch } = session;
  const info = { name: 'test', version: '1' };
  const client = sdk === 'v1' ? new Client(info) : new ClientV2(info);
  closing.push(() => client.close());
  if (client instanceof Client) await client.connect(new StreamableHTTPClientTransport(mcp.url, { fetch }));
  else await client.connect(new TransportV2(mcp.url, { fetch }));
  mcp.revokeAllTokens();
  const calls = Array.from({ length: 20 }, () => client.callTool({ name: 'whoami', arguments: {} }));
  expect(JSON.stringify(await Promise.all(calls))).toContain('alice');
  const second = await session.currentToken({ dpop: true });
  expect(second).toMatchObject({ token_type: 'DPoP', grantId: first.grantId });
  expect(second.generation).toBeGreaterThan(1);
  expect(schemes({ mcp })).toEqual(['dpop']);
  expect((await ping(mcp.url, { authorization: `Bearer ${second.access_token}` })).status).toBe(401);
  expect(provider.revokedGrants()).toBe(0);
  const refused = provider.errors().filter(({ event }) => event === 'grant.error');
  expect(refused.filter(({ error }) => error !== 'use_dpop_nonce')).toEqual([]);
  expect(await session.revoke()).toMatchObject({ refresh_token: 'revoked' });
});
