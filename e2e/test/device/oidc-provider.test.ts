import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import type { OAuthClient } from '@mcp-oauth/core';
import { expectNoLeaks, startMcpServer, startOidcProvider } from '@mcp-oauth/e2e';
import type { OidcProvider, PersonOptions, RunningMcpServer } from '@mcp-oauth/e2e';
import { PersonWithPhone, reach, refusal } from './scene.js';

let as: OidcProvider;
let mcp: RunningMcpServer;
let clients: OAuthClient[];

beforeEach(async () => {
  as = await startOidcProvider({ accessTokenTtl: 3 });
  mcp = await startMcpServer({ authorizationServers: [as] });
  clients = [];
});
afterEach(async () => {
  for (const oauth of clients) await oauth.close();
  await mcp.close();
  await as.close();
});

function host(options: PersonOptions) {
  const phone = new PersonWithPhone(options);
  const oauth = createOAuthClient({
    store: new MemoryTokenStore(),
    client: { client_name: 'Host at a terminal' },
    devicePrompt: phone,
  });
  clients.push(oauth);
  return { phone, session: oauth.session({ resource: mcp.url }) };
}

test('a person types the code, logs in and consents: registration, token for this MCP server, refresh and revocation', async () => {
  const { phone, session } = host({ user: 'fay' });
  await session.authorizeDevice();
  expect(as.errors().filter(({ error }) => error !== 'authorization_pending')).toEqual([]);
  expect(phone.shown[0]?.verificationUri.href).toBe(`${as.issuer}/device`);
  expect(as.counts()).toMatchObject({ 'POST /reg': 1, 'POST /device/auth': 1, 'POST /token': 1 });
  expect(as.counts()).not.toHaveProperty('GET /auth');

  const first = await session.accessToken();
  expect(await as.verify(first)).toMatchObject({ subject: 'fay' });
  expect((await reach(session)).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 3_100));
  const second = await session.accessToken();
  expect(second).not.toBe(first);
  expect((await reach(session)).status).toBe(200);
  expectNoLeaks({ codes: phone.shown, status: await session.status() }, [first, second]);

  expect(await session.revoke()).toMatchObject({ refresh_token: 'revoked' });
  expect(as.revokedGrants()).toBe(1);
}, 30_000);

test('a person who cancels on their device declines', async () => {
  const { session } = host({ decision: 'deny' });
  expect(await refusal(session.authorizeDevice())).toMatchObject({
    code: 'authorization_denied',
    error: 'access_denied',
  });
}, 30_000);
