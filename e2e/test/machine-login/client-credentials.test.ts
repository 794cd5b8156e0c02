import { afterEach, expect, test } from '@jest/globals';
import { MemoryTokenStore, TokenRequestError, TransientError } from '@mcp-oauth/core';
import { faults } from '@mcp-oauth/e2e';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { initialized, newClient, newKey, Scene, secretClient } from './scene.js';

let scene: Scene;

afterEach(async () => {
  await scene.close();
});

test.each(['client_secret_basic', 'client_secret_post'] as const)(
  'E2: a client with a secret gets tokens by %s, for the resource and its scope, and the MCP server takes them',
  async (method) => {
    scene = await Scene.start();
    const { client, settings } = secretClient(scene.server, method);
    const session = scene.session(settings);
    const sdk = newClient();
    await sdk.connect(new StreamableHTTPClientTransport(scene.mcp.url, { fetch: session.fetch }));
    const result = await sdk.callTool({ name: 'whoami' });
    await sdk.close();
    expect(JSON.stringify(result)).toContain(client.clientId);
    const [request, ...others] = scene.server.log().filter(({ endpoint }) => endpoint === 'token');
    expect(request).toMatchObject({
      clientAuthentication: method,
      grantType: 'client_credentials',
      resource: scene.mcp.url.href,
      scope: 'mcp:tools',
    });
    expect(others).toEqual([]);
    expect(scene.server.counts()).toMatchObject({ register: 0, authorize: 0 });
  },
);

test.each(['ES256', 'RS256', 'EdDSA'])('E2: a client proves itself by an %s key', async (alg) => {
  scene = await Scene.start();
  const { privateKey, jwks } = await newKey(alg);
  const { clientId } = scene.server.addClient({
    redirectUris: [],
    authenticationMethod: 'private_key_jwt',
    grantTypes: ['client_credentials'],
    jwks,
  });
  const session = scene.session({ clientId, privateKey, grant: { type: 'client_credentials' } });
  expect((await initialized(session, scene.mcp.url)).status).toBe(200);
  expect(scene.server.log().at(-2)).toMatchObject({ clientAuthentication: 'private_key_jwt', outcome: 'ok' });
});

test('authorize() and accessToken() need no person, and what needs one is refused with its reason', async () => {
  scene = await Scene.start();
  const session = scene.session(secretClient(scene.server).settings);
  await session.authorize();
  await session.authorize();
  expect(await session.accessToken()).toBe(await session.accessToken());
  expect(scene.tokenRequests()).toBe(1);
  expect(session.canAskPerson).toBe(false);
  const refused = {
    code: 'invalid_config',
    message: expect.stringContaining('client_credentials'),
  };
  const redirectUri = 'https://host.example/callback';
  await expect(session.beginAuthorization({ redirectUri })).rejects.toMatchObject(refused);
  await expect(session.delegateAuthorization({ redirectUri })).rejects.toMatchObject(refused);
});

test('20 parallel calls on an expired token cost one token request, and none of them fails', async () => {
  scene = await Scene.start({ accessTokenTtl: 2, tokenLatencyMs: 50 });
  const session = scene.session(secretClient(scene.server).settings);
  const first = await session.accessToken();
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  scene.server.behaviour.accessTokenTtl = 60;
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => (await initialized(session, scene.mcp.url)).status),
  );
  expect(answers).toEqual(Array.from({ length: 20 }, () => 200));
  expect(scene.tokenRequests()).toBe(2);
  expect(await session.accessToken()).not.toBe(first);
  expect(scene.events.filter(({ type }) => type === 'authorization_required')).toEqual([]);
});

test('20 parallel calls with a token that the MCP server has just refused cost one token request', async () => {
  scene = await Scene.start({ tokenLatencyMs: 50 });
  const session = scene.session(secretClient(scene.server).settings);
  await session.accessToken();
  scene.mcp.revokeAllTokens();
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => (await initialized(session, scene.mcp.url)).status),
  );
  expect(answers).toEqual(Array.from({ length: 20 }, () => 200));
  expect(scene.tokenRequests()).toBe(2);
});

test('a token outlives the process that got it', async () => {
  scene = await Scene.start();
  const store = new MemoryTokenStore();
  const { settings } = secretClient(scene.server);
  const token = await scene.session(settings, scene.oauth({ store })).accessToken();
  expect(await scene.session(settings, scene.oauth({ store })).accessToken()).toBe(token);
  expect(scene.tokenRequests()).toBe(1);
});

test('a refresh token that a server gives out is used, and a new grant is had where the server refuses it', async () => {
  scene = await Scene.start();
  let aheadMs = 0;
  const { settings } = secretClient(scene.server, 'client_secret_basic', [
    'client_credentials',
    'refresh_token',
  ]);
  const session = scene.session(settings, scene.oauth({ aheadMs: () => aheadMs }));
  await session.accessToken();
  aheadMs = 61_000;
  await session.accessToken();
  expect(scene.tokenRequests('refresh_token')).toBe(1);
  scene.server.revokeFamily('family-1');
  aheadMs = 122_000;
  expect((await initialized(session, scene.mcp.url)).status).toBe(200);
  expect(scene.tokenRequests('refresh_token')).toBe(2);
  expect(scene.tokenRequests('client_credentials')).toBe(2);
});

test('a refusal is told with its code, remembered for all who call, and over at once for other settings', async () => {
  scene = await Scene.start();
  const { settings } = secretClient(scene.server);
  const oauth = scene.oauth();
  const wrong = scene.session({ ...settings, clientSecret: 'not-the-secret-at-all' }, oauth);
  const refusal = { code: 'token_request_failed', error: 'invalid_client', issuer: scene.server.issuer };
  await Promise.all(
    Array.from({ length: 20 }, () => expect(wrong.accessToken()).rejects.toMatchObject(refusal)),
  );
  await expect(initialized(wrong, scene.mcp.url)).rejects.toMatchObject(refusal);
  await expect(wrong.authorize()).rejects.toThrow(/a moment ago; it is asked again in \d+ s/);
  expect(scene.tokenRequests()).toBe(1);
  expect(await scene.session(settings, oauth).accessToken()).toBeTruthy();
  expect(scene.tokenRequests()).toBe(2);
});

test('trouble at the token endpoint is told as such, keeps the token that is good, and is not asked about at once', async () => {
  scene = await Scene.start({ accessTokenTtl: 20 });
  const session = scene.session(secretClient(scene.server).settings);
  scene.server.failAlways('token', faults.respond(503, '', { 'retry-after': '7' }));
  const failure = await session.accessToken().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TransientError);
  expect(failure).toMatchObject({ retryAfterMs: 7_000 });
  await expect(session.accessToken()).rejects.toBeInstanceOf(TransientError);
  expect(scene.tokenRequests()).toBe(1);
});

test('a server that answers with a page and not with JSON is in trouble, and has not refused', async () => {
  scene = await Scene.start();
  const session = scene.session(secretClient(scene.server).settings);
  scene.server.fail('token', faults.respond(400, '<html>down for maintenance</html>'));
  await expect(session.accessToken()).rejects.toBeInstanceOf(TransientError);
});

test('a grant that this client may not use is a refusal', async () => {
  scene = await Scene.start();
  const { settings } = secretClient(scene.server, 'client_secret_basic', ['authorization_code']);
  await expect(scene.session(settings).accessToken()).rejects.toMatchObject({ error: 'unauthorized_client' });
  await expect(scene.session(settings).accessToken()).rejects.toBeInstanceOf(TokenRequestError);
});

test('a call that lacks a scope gets one new token with it, and keeps what it had', async () => {
  scene = await Scene.start();
  const session = scene.session(secretClient(scene.server).settings);
  const sdk = newClient();
  await sdk.connect(new StreamableHTTPClientTransport(scene.mcp.url, { fetch: session.fetch }));
  await sdk.callTool({ name: 'admin_only' });
  const whoami = await sdk.callTool({ name: 'whoami' });
  await sdk.close();
  expect(JSON.stringify(whoami)).toContain('mcp:tools');
  expect(scene.server.log().filter(({ endpoint }) => endpoint === 'token')).toMatchObject([
    { scope: 'mcp:tools' },
    { scope: 'mcp:tools mcp:admin' },
  ]);
});

test('an MCP server that goes on asking for what was granted gets one new token, and its callers a typed error', async () => {
  scene = await Scene.start();
  const session = scene.session(secretClient(scene.server).settings);
  await session.accessToken();
  const challenge = { 'www-authenticate': 'Bearer error="insufficient_scope", scope="mcp:admin"' };
  scene.mcp.failAlways('mcp', faults.respond(403, '', challenge));
  for (let calls = 0; calls < 5; calls++) {
    await expect(initialized(session, scene.mcp.url)).rejects.toMatchObject({ code: 'step_up_exhausted' });
  }
  expect(scene.tokenRequests()).toBe(2);
});

test('a scope that the authorization server refuses is asked for once, and the token in use stays', async () => {
  scene = await Scene.start();
  const session = scene.session(secretClient(scene.server).settings);
  const token = await session.accessToken();
  const challenge = { 'www-authenticate': 'Bearer error="insufficient_scope", scope="mcp:nothing"' };
  scene.mcp.failAlways('mcp', faults.respond(403, '', challenge));
  const refusal = { code: 'token_request_failed', error: 'invalid_scope' };
  await expect(initialized(session, scene.mcp.url)).rejects.toMatchObject(refusal);
  for (let calls = 0; calls < 3; calls++) {
    await expect(initialized(session, scene.mcp.url)).rejects.toMatchObject({ code: 'step_up_exhausted' });
  }
  scene.mcp.heal();
  expect((await initialized(session, scene.mcp.url)).status).toBe(200);
  expect(await session.accessToken()).toBe(token);
  expect(scene.tokenRequests()).toBe(2);
});
