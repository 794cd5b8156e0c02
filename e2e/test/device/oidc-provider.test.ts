import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { clientMetadataDocument, createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import type { OAuthClient, OAuthClientOptions } from '@mcp-oauth/core';
import { expectNoLeaks, startMcpServer, startOidcProvider } from '@mcp-oauth/e2e';
import type { OidcProvider, PersonOptions, RunningMcpServer } from '@mcp-oauth/e2e';
import { DEVICE_CODE_GRANT, PersonWithPhone, reach, refusal } from './scene.js';

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

function host(options: PersonOptions, guarded = mcp, more: Partial<OAuthClientOptions> = {}) {
  const phone = new PersonWithPhone(options);
  const oauth = createOAuthClient({
    store: new MemoryTokenStore(),
    client: { client_name: 'Host at a terminal' },
    devicePrompt: phone,
    ...more,
  });
  clients.push(oauth);
  return { phone, session: oauth.session({ resource: guarded.url }) };
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

test('a host with a metadata document registers nowhere, and its document has to name the grant type', async () => {
  const document = (name: string, grantTypes: readonly string[]) =>
    clientMetadataDocument({
      url: `https://host.example/${name}.json`,
      client: { client_name: 'Host at a terminal' },
      redirectUris: ['http://localhost:9876/callback'],
      grantTypes,
    });
  const [naming, silent] = [document('naming', [DEVICE_CODE_GRANT]), document('silent', [])];
  const clientMetadataDocuments = { [naming.client_id]: naming, [silent.client_id]: silent };
  const other = await startOidcProvider({ clientMetadataDocuments });
  const guarded = await startMcpServer({ authorizationServers: [other] });
  try {
    const { session } = host({}, guarded, { clientMetadataDocument: naming });
    await session.authorizeDevice();
    expect((await reach(session)).status).toBe(200);
    const refused = host({}, guarded, { clientMetadataDocument: silent }).session;
    const error = await refusal(refused.authorizeDevice());
    expect(error).toMatchObject({ code: 'token_request_failed' });
    expect(error.message).toContain(`for the grant type ${DEVICE_CODE_GRANT}`);
    expect(other.counts()).not.toHaveProperty('POST /reg');
  } finally {
    await guarded.close();
    await other.close();
  }
}, 30_000);

test('a person who cancels on their device declines', async () => {
  const { session } = host({ decision: 'deny' });
  expect(await refusal(session.authorizeDevice())).toMatchObject({
    code: 'authorization_denied',
    error: 'access_denied',
  });
}, 30_000);
