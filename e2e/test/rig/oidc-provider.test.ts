import { createHash, randomBytes } from 'node:crypto';
import { afterEach, expect, jest, test } from '@jest/globals';
import { auth } from '@modelcontextprotocol/sdk/client/auth.js';
import { decodeJwt } from 'jose';
import {
  person,
  startMcpServer,
  startOidcProvider,
  type OidcProvider,
  type RunningMcpServer,
  type StartOidcProviderOptions,
} from '@mcp-oauth/e2e';
import { callTool, connectWithSdk, NaiveProvider, whoAmI } from './sdk-login.js';

const running: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((part) => part.close()));
});

function keep<Part extends { close(): Promise<void> }>(part: Part): Part {
  running.push(part);
  return part;
}

async function start(
  options: StartOidcProviderOptions = {},
): Promise<{ as: OidcProvider; mcp: RunningMcpServer }> {
  const as = keep(await startOidcProvider(options));
  return { as, mcp: keep(await startMcpServer({ authorizationServers: [as] })) };
}

async function post(url: string, form: Record<string, string>): Promise<Record<string, unknown>> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  return { status: response.status, ...((await response.json()) as object) };
}

async function register(as: OidcProvider, metadata: object): Promise<string> {
  const response = await fetch(`${as.issuer}/reg`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token_endpoint_auth_method: 'none', ...metadata }),
  });
  return String(((await response.json()) as { client_id: unknown }).client_id);
}

test('several start side by side, each with keys and tokens of its own', async () => {
  const [first, second, open] = await Promise.all([
    startOidcProvider(),
    startOidcProvider(),
    startMcpServer(),
  ]);
  [first, second, open].forEach(keep);
  const mcp = keep(await startMcpServer({ authorizationServers: [first] }));
  const provider = new NaiveProvider();
  keep(await connectWithSdk(mcp.url, provider));
  expect(await first.verify(provider.stored?.access_token ?? '')).toMatchObject({ subject: 'alice' });
  expect(await second.verify(provider.stored?.access_token ?? '')).toBeNull();
});

for (const accessTokenFormat of ['jwt', 'opaque'] as const) {
  test(`the SDK's own client logs in and calls a tool with ${accessTokenFormat} access tokens`, async () => {
    const { as, mcp } = await start({ accessTokenFormat });
    const provider = new NaiveProvider();
    const client = keep(await connectWithSdk(mcp.url, provider, { user: 'erin' }));
    expect(await whoAmI(client)).toEqual({
      subject: 'erin',
      client: provider.information?.client_id,
      scopes: ['mcp:tools'],
    });
    expect(await callTool(client, 'add', { a: 1, b: 2 })).toBe('3');
    expect(provider.stored?.access_token.split('.')).toHaveLength(accessTokenFormat === 'jwt' ? 3 : 1);
    expect(as.errors()).toEqual([]);
  });
}

test('the SDK logs in over SSE as well', async () => {
  const { mcp } = await start();
  const client = keep(
    await connectWithSdk(mcp.sseUrl, new NaiveProvider(), { user: 'erin', transport: 'sse' }),
  );
  expect((await whoAmI(client)).subject).toBe('erin');
});

test('a person who says no sends the client away with access_denied and iss', async () => {
  const { as, mcp } = await start();
  const provider = new NaiveProvider();
  await auth(provider, { serverUrl: mcp.url });
  const callback = new URL(await person.consent(provider.authorizationUrls[0]!, { decision: 'deny' }));
  expect(callback.searchParams.get('error')).toBe('access_denied');
  expect(callback.searchParams.get('iss')).toBe(as.issuer);
});

test('a used refresh token revokes the grant, and the reason is there for diagnosis', async () => {
  const { as, mcp } = await start();
  const provider = new NaiveProvider();
  keep(await connectWithSdk(mcp.url, provider));
  const refresh = () =>
    post(`${as.issuer}/token`, {
      grant_type: 'refresh_token',
      client_id: provider.information?.client_id ?? '',
      refresh_token: provider.stored?.refresh_token ?? '',
    });
  const renewed = await refresh();
  expect(renewed).toMatchObject({ status: 200, token_type: 'Bearer' });
  expect(await refresh()).toMatchObject({ status: 400, error: 'invalid_grant' });
  expect(as.revokedGrants()).toBe(1);
  expect(as.errors()).toMatchObject([{ event: 'grant.error', error: 'invalid_grant' }]);
});

test('access tokens can live for two seconds', async () => {
  const { mcp } = await start({ accessTokenTtl: 2, accessTokenFormat: 'jwt' });
  const provider = new NaiveProvider();
  await auth(provider, { serverUrl: mcp.url });
  const callback = new URL(await person.consent(provider.authorizationUrls[0]!));
  await auth(provider, {
    serverUrl: mcp.url,
    authorizationCode: callback.searchParams.get('code') ?? '',
  });
  const { access_token = '', expires_in } = provider.stored ?? {};
  expect(expires_in).toBe(2);
  const { iat = NaN, exp = NaN } = decodeJwt(access_token);
  expect(exp - iat).toBe(2);
  const status = async () =>
    (await fetch(mcp.url, { method: 'POST', headers: { authorization: `Bearer ${access_token}` } })).status;
  // It is in whole seconds, so that the token lives for one to two of them.
  const end = exp * 1_000;
  let lastTaken = 0;
  let asked = Date.now();
  while ((await status()) !== 401) {
    lastTaken = asked;
    await new Promise((resolve) => setTimeout(resolve, 50));
    asked = Date.now();
  }
  expect(Date.now()).toBeGreaterThanOrEqual(end);
  expect(lastTaken).toBeLessThan(end);
});

test('tokens issued before a moment can be refused, and the next one is accepted within the same second', async () => {
  const { mcp } = await start();
  const provider = new NaiveProvider();
  const client = keep(await connectWithSdk(mcp.url, provider));
  mcp.revokeAllTokens();
  await auth(provider, { serverUrl: mcp.url });
  expect((await whoAmI(client)).subject).toBe('alice');
});

test('a device is connected by a person at another machine', async () => {
  const { as } = await start();
  const grant = 'urn:ietf:params:oauth:grant-type:device_code';
  const clientId = await register(as, {
    grant_types: [grant, 'refresh_token'],
    response_types: [],
    redirect_uris: [],
  });
  for (const decision of ['allow', 'deny'] as const) {
    const device = await post(`${as.issuer}/device/auth`, { client_id: clientId, scope: 'openid' });
    await person.approveDevice(String(device['verification_uri_complete']), { user: 'fay', decision });
    const answer = await post(`${as.issuer}/token`, {
      grant_type: grant,
      client_id: clientId,
      device_code: String(device['device_code']),
    });
    expect(answer).toMatchObject(
      decision === 'allow' ? { token_type: 'Bearer' } : { error: 'access_denied' },
    );
  }
});

test('a client is known by the address of its metadata document, and a pushed request works with it', async () => {
  const clientId = 'https://client.example/oauth.json';
  const redirectUri = 'http://127.0.0.1:9876/callback';
  const document = {
    client_id: clientId,
    client_name: 'A documented client',
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
  };
  const { as } = await start({ clientMetadataDocuments: { [clientId]: document } });
  const verifier = randomBytes(32).toString('base64url');
  const pushed = await post(`${as.issuer}/request`, {
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const url = new URL(`${as.issuer}/auth`);
  url.search = new URLSearchParams({
    client_id: clientId,
    request_uri: String(pushed['request_uri']),
  }).toString();
  const callback = new URL(await person.consent(url));
  const tokens = await post(`${as.issuer}/token`, {
    grant_type: 'authorization_code',
    client_id: clientId,
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
  expect(tokens).toMatchObject({ status: 200, token_type: 'Bearer' });
});

test('visiting opens the callback as a browser would', async () => {
  const { mcp } = await start();
  const callbackServer = keep(await startMcpServer());
  const provider = new NaiveProvider();
  const redirectUrl = `${callbackServer.origin}/callback`;
  Object.assign(provider, {
    redirectUrl,
    clientMetadata: { ...provider.clientMetadata, redirect_uris: [redirectUrl] },
  });
  await auth(provider, { serverUrl: mcp.url });
  const visit = await person.visit(provider.authorizationUrls[0]!);
  expect(visit.status).toBe(404);
  expect(new URL(visit.callbackUrl).searchParams.get('code')).not.toBeNull();
  expect(callbackServer.counts().http['GET /callback']).toBe(1);
});

test('nothing is printed', async () => {
  const written: unknown[] = [];
  const spies = (['log', 'info', 'warn', 'error'] as const).map((method) =>
    jest.spyOn(console, method).mockImplementation((...line) => void written.push(line)),
  );
  const { mcp } = await start({ clientMetadataDocuments: {} });
  const client = keep(await connectWithSdk(mcp.url, new NaiveProvider()));
  await whoAmI(client);
  spies.forEach((spy) => spy.mockRestore());
  expect(written).toEqual([]);
});
