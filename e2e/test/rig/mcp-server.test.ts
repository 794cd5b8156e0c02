import { afterEach, expect, test } from '@jest/globals';
import { auth } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  canary,
  faults,
  startMcpServer,
  startStrictAuthorizationServer,
  type McpServerOptions,
  type RunningMcpServer,
  type StrictAuthorizationServer,
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

async function guarded(
  options: McpServerOptions = {},
): Promise<{ as: StrictAuthorizationServer; mcp: RunningMcpServer }> {
  const as = keep(await startStrictAuthorizationServer());
  const mcp = keep(await startMcpServer({ authorizationServers: [as], ...options }));
  return { as, mcp };
}

async function connectPlain(url: URL, headers: Record<string, string> = {}): Promise<Client> {
  const client = keep(new Client({ name: 'rig', version: '0.1.0' }));
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
  return client;
}

function ping(mcp: RunningMcpServer, token?: string): Promise<Response> {
  return fetch(mcp.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
  });
}

function tokenFor(as: StrictAuthorizationServer, mcp: RunningMcpServer): string {
  const { clientId } = as.addClient({ redirectUris: ['http://127.0.0.1:9876/callback'] });
  return String(as.issueGrant(clientId, { resource: mcp.url.href }).tokenResponse['access_token']);
}

for (const transport of ['streamable', 'sse'] as const) {
  test(`the SDK's own client logs in at the strict server and calls tools over ${transport}`, async () => {
    const { as, mcp } = await guarded();
    const url = transport === 'sse' ? mcp.sseUrl : mcp.url;
    const client = keep(await connectWithSdk(url, new NaiveProvider(), { user: 'carol', transport }));
    expect(await whoAmI(client)).toMatchObject({ subject: 'carol', scopes: ['mcp:tools'] });
    expect(await callTool(client, 'add', { a: 2, b: 40 })).toBe('42');
    expect(as.families()).toMatchObject([{ subject: 'carol', resource: url.href, revoked: undefined }]);
    expect(mcp.counts()).toMatchObject({ tools: { whoami: 1, add: 1 }, distinctTokens: 1, unauthorized: 1 });
  });
}

test("the SDK's own refresh consumes the refresh token", async () => {
  const { as, mcp } = await guarded();
  const provider = new NaiveProvider();
  keep(await connectWithSdk(mcp.url, provider));
  const before = provider.stored;
  expect(await auth(provider, { serverUrl: mcp.url })).toBe('AUTHORIZED');
  expect(provider.stored?.refresh_token).not.toBe(before?.refresh_token);
  expect(as.families()).toMatchObject([{ generation: 2, revoked: undefined }]);
});

test('with the SDK alone, parallel calls on an expired token lose the login of a rotating server', async () => {
  const { as, mcp } = await guarded();
  // Longer than the calls need to reach the token endpoint, so that all present the same refresh token.
  as.behaviour.tokenLatencyMs = 150;
  const provider = new NaiveProvider();
  const client = keep(await connectWithSdk(mcp.url, provider));
  as.expireAccessTokens();
  as.clearLog();
  const calls = await Promise.allSettled(Array.from({ length: 20 }, () => callTool(client, 'whoami')));
  expect(as.counts().token).toBeGreaterThan(1);
  expect(calls.map(({ status }) => status)).toContain('rejected');
  expect(as.families()).toMatchObject([{ revoked: 'reuse' }]);
  expect(provider.authorizationUrls.length).toBeGreaterThan(1);
});

test('a challenge names the metadata, and the metadata the authorization server', async () => {
  const { as, mcp } = await guarded();
  const refused = await ping(mcp);
  const metadataUrl = `${mcp.origin}/.well-known/oauth-protected-resource/mcp`;
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toBe(
    `Bearer resource_metadata="${metadataUrl}", scope="mcp:tools"`,
  );
  const document: unknown = await (await fetch(metadataUrl)).json();
  expect(document).toMatchObject({ resource: mcp.url.href, authorization_servers: [as.issuer] });

  mcp.behaviour.metadata = { authorization_servers: ['https://evil.example'] };
  expect(await (await fetch(metadataUrl)).json()).toMatchObject({
    authorization_servers: ['https://evil.example'],
  });
});

test('the metadata can be at the root, behind the challenge only, or nowhere', async () => {
  const { mcp } = await guarded();
  const inserted = `${mcp.origin}/.well-known/oauth-protected-resource/mcp`;
  const root = `${mcp.origin}/.well-known/oauth-protected-resource`;
  const seen: Record<string, unknown> = {};
  for (const placement of ['root', 'header_only', 'none'] as const) {
    mcp.behaviour.metadataPlacement = placement;
    const header = (await ping(mcp)).headers.get('www-authenticate') ?? '';
    const named = /resource_metadata="([^"]+)"/.exec(header)?.[1];
    seen[placement] = {
      inserted: (await fetch(inserted)).status,
      root: (await fetch(root)).status,
      named: named === undefined ? undefined : (await fetch(named)).status,
    };
  }
  expect(seen).toEqual({
    root: { inserted: 404, root: 200, named: undefined },
    header_only: { inserted: 404, root: 404, named: 200 },
    none: { inserted: 404, root: 404, named: undefined },
  });
});

test('a server that is its own authorization server needs no metadata of the resource', async () => {
  const mcp = keep(await startMcpServer({ ownAuthorizationServer: {}, metadataPlacement: 'none' }));
  const client = keep(await connectWithSdk(mcp.url, new NaiveProvider(), { user: 'dora' }));
  expect((await whoAmI(client)).subject).toBe('dora');
  expect(mcp.authorizationServer?.issuer).toBe(mcp.origin);
  expect(mcp.authorizationServer?.counts()).toMatchObject({ register: 1, token: 1 });
});

test('a token for another resource is refused', async () => {
  const { as, mcp } = await guarded();
  const { clientId } = as.addClient({ redirectUris: ['http://127.0.0.1:9876/callback'] });
  const { tokenResponse } = as.issueGrant(clientId, { resource: 'https://other.example/mcp' });
  expect((await ping(mcp, String(tokenResponse['access_token']))).status).toBe(401);
});

test('a tool that needs a scope which was not granted is answered with 403 before it runs', async () => {
  const { as, mcp } = await guarded();
  const client = await connectPlain(mcp.url, { authorization: `Bearer ${tokenFor(as, mcp)}` });
  await expect(callTool(client, 'admin_only')).rejects.toThrow('insufficient_scope');
  expect(mcp.counts()).toMatchObject({ forbidden: 1, tools: {} });
});

test('tokens can be refused wholesale: all of them, those issued so far, or on the GET stream alone', async () => {
  const { as, mcp } = await guarded();
  const old = tokenFor(as, mcp);
  mcp.behaviour.refuse = 'everything';
  expect((await ping(mcp, old)).status).toBe(401);
  mcp.behaviour.refuse = 'get_stream';
  expect((await ping(mcp, old)).status).not.toBe(401);
  const stream = await fetch(mcp.url, { headers: { authorization: `Bearer ${old}` } });
  expect(stream.status).toBe(401);
  mcp.behaviour.refuse = 'nothing';
  mcp.revokeAllTokens();
  expect((await ping(mcp, old)).status).toBe(401);
  expect((await ping(mcp, tokenFor(as, mcp))).status).not.toBe(401);
});

test('a challenge can be replaced or left out', async () => {
  const { mcp } = await guarded();
  mcp.behaviour.challenge = () => 'Bearer resource_metadata="http://169.254.169.254/latest"';
  expect((await ping(mcp)).headers.get('www-authenticate')).toContain('169.254.169.254');
  mcp.behaviour.challenge = () => undefined;
  expect((await ping(mcp)).headers.get('www-authenticate')).toBeNull();
});

test('faults are scripted for the metadata and the endpoints', async () => {
  const { mcp } = await guarded();
  mcp.fail('metadata', faults.redirect('http://169.254.169.254/', 302), faults.htmlOk());
  mcp.failAlways('mcp', faults.internalError());
  const metadataUrl = `${mcp.origin}/.well-known/oauth-protected-resource/mcp`;
  expect((await fetch(metadataUrl, { redirect: 'manual' })).status).toBe(302);
  expect((await fetch(metadataUrl)).headers.get('content-type')).toContain('text/html');
  expect((await fetch(metadataUrl)).status).toBe(200);
  expect((await ping(mcp)).status).toBe(500);
  mcp.heal();
  expect((await ping(mcp)).status).toBe(401);
});

test('static credentials are asked for and accepted: bearer, basic, an API key', async () => {
  const [token, password, key] = [canary('access'), canary('password'), canary('apikey')];
  const cases: [McpServerOptions['credentials'], Record<string, string>, string | null][] = [
    [{ kind: 'bearer', token }, { authorization: `Bearer ${token}` }, 'Bearer'],
    [
      { kind: 'basic', username: 'u', password },
      { authorization: `Basic ${Buffer.from(`u:${password}`).toString('base64')}` },
      'Basic realm="mcp"',
    ],
    [{ kind: 'api_key', header: 'X-API-Key', key }, { 'x-api-key': key }, null],
  ];
  for (const [credentials, headers, challenge] of cases) {
    const mcp = keep(await startMcpServer(credentials ? { credentials } : {}));
    const refused = await ping(mcp);
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, challenge]);
    expect((await whoAmI(await connectPlain(mcp.url, headers))).subject).toBe('static');
  }
});

test('without a guard everybody is let in, over both transports', async () => {
  const mcp = keep(await startMcpServer());
  expect((await whoAmI(await connectPlain(mcp.url))).subject).toBe('anonymous');
  const client = keep(new Client({ name: 'rig', version: '0.1.0' }));
  await client.connect(new SSEClientTransport(mcp.sseUrl));
  expect((await whoAmI(client)).subject).toBe('anonymous');
});

test('close ends open streams and running tools at once', async () => {
  const mcp = await startMcpServer();
  const client = await connectPlain(mcp.url);
  const call = callTool(client, 'slow', { ms: 30_000 }).catch(() => 'ended');
  while (mcp.counts().tools['slow'] === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  const begun = performance.now();
  await mcp.close();
  expect(performance.now() - begun).toBeLessThan(5_000);
  await client.close();
  expect(await call).toBe('ended');
});
