import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { clientMetadataDocument } from '@mcp-oauth/core';
import type { SessionSettings } from '@mcp-oauth/core';
import {
  expectNoLeaks,
  faults,
  person,
  startOidcProvider,
  startStrictAuthorizationServer,
} from '@mcp-oauth/e2e';
import type { StrictAuthorizationServer, StrictBehaviour } from '@mcp-oauth/e2e';
import { SessionOAuthProvider } from '@mcp-oauth/transport-factory';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { refusal, Scene } from './scene.js';

const WEB = 'https://host.example/callback';

let scene: Scene;

beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.close());

async function strict(behaviour: Partial<StrictBehaviour> = {}) {
  const as = scene.keep(await startStrictAuthorizationServer({ pushedRequests: 'required', ...behaviour }));
  return { as, mcp: await scene.mcpServer(as) };
}

const pushes = (as: StrictAuthorizationServer) => as.log().filter(({ endpoint }) => endpoint === 'par');

test('oidc-provider that requires pushed requests gets them, from a client that registers itself', async () => {
  const as = scene.keep(await startOidcProvider({ requirePar: true }));
  const mcp = await scene.mcpServer(as);
  const session = scene.desktop().session({ resource: mcp.url });
  await session.authorize();
  expect(await session.status()).toMatchObject({ state: 'logged_in' });
  const [opened] = scene.browser.opened;
  expect([...(opened?.searchParams.keys() ?? [])].sort()).toEqual(['client_id', 'request_uri']);
  expect(as.counts()['POST /request']).toBe(1);
  expect(as.errors()).toEqual([]);
});

test('oidc-provider that requires pushed requests gets them from a web application with a secret, and one with a document', async () => {
  const url = 'https://host.example/client.json';
  const document = clientMetadataDocument({ url, client: { client_name: 'Test host' }, redirectUris: [WEB] });
  const as = scene.keep(
    await startOidcProvider({ requirePar: true, clientMetadataDocuments: { [url]: document } }),
  );
  const mcp = await scene.mcpServer(as);
  for (const options of [{}, { clientMetadataDocument: document }]) {
    const oauth = scene.desktop(options);
    const session = oauth.session({ resource: mcp.url, profile: Object.keys(options)[0] ?? 'secret' });
    const { authorizationUrl, binding, expiresAt } = await session.beginAuthorization({ redirectUri: WEB });
    expect(expiresAt?.getTime()).toBeGreaterThan(Date.now());
    await oauth.completeAuthorization(await person.consent(authorizationUrl), { binding });
    expect(await session.status()).toMatchObject({ state: 'logged_in' });
  }
  expect(as.errors()).toEqual([]);
});

test.each(['none', 'client_secret_basic', 'client_secret_post'] as const)(
  'a client that was registered for %s proves itself at the endpoint too',
  async (authenticationMethod) => {
    const { as, mcp } = await strict({ registration: false });
    const { clientId, clientSecret } = as.addClient({ redirectUris: [WEB], authenticationMethod });
    const settings: SessionSettings = {
      clientId,
      clientSecret,
      tokenEndpointAuthMethod: authenticationMethod,
    };
    const oauth = scene.desktop();
    const session = oauth.session({ resource: mcp.url }, settings);
    const { authorizationUrl, binding } = await session.beginAuthorization({ redirectUri: WEB });
    await oauth.completeAuthorization(await person.consent(authorizationUrl), { binding });
    expect(pushes(as)).toMatchObject([
      { outcome: 'ok', clientAuthentication: authenticationMethod, clientId },
    ]);
    expect(authorizationUrl.href).not.toContain('state');
    expect(await session.status()).toMatchObject({ state: 'logged_in' });
  },
);

test('what is only offered is not used, unless the request is too long for an address', async () => {
  const { as, mcp } = await strict({ pushedRequests: 'offered' });
  const oauth = scene.desktop();
  const begin = (scopes: readonly string[]) =>
    oauth.session({ resource: mcp.url }, { scopes }).beginAuthorization({ redirectUri: WEB });
  const short = await begin(['mcp:tools']);
  expect(short.authorizationUrl.searchParams.get('scope')).toBe('mcp:tools');
  expect(short.expiresAt).toBeUndefined();
  expect(pushes(as)).toEqual([]);
  const many = Array.from({ length: 90 }, (_, i) => `mcp:${'x'.repeat(60)}:${String(i)}`);
  const long = await begin(many);
  expect(long.authorizationUrl.href.length).toBeLessThan(500);
  expect(pushes(as)).toHaveLength(1);
  await oauth.completeAuthorization(await person.consent(long.authorizationUrl), { binding: long.binding });
  expect(as.families()).toMatchObject([{ scope: many.join(' ') }]);
});

test('a request that the server refuses ends the login with its error, and opens nothing', async () => {
  const { as, mcp } = await strict();
  as.failAlways(
    'par',
    faults.json(400, { error: 'invalid_scope', error_description: 'words of a server that are secret' }),
  );
  const session = scene.desktop().session({ resource: mcp.url });
  const error = await refusal(session.authorize());
  expect(error).toMatchObject({ code: 'authorization_denied', error: 'invalid_scope' });
  expectNoLeaks({ error }, ['words of a server that are secret']);
  expect(scene.browser.opened).toEqual([]);
  as.heal();
  await session.authorize();
  expect(await session.status()).toMatchObject({ state: 'logged_in' });
});

test('B69: a server that forgot the client says so before anything is opened, and gets a new one at once', async () => {
  const { as, mcp } = await strict();
  const oauth = scene.desktop();
  await oauth.session({ resource: mcp.url }).authorize();
  const clientId = (await oauth.session({ resource: mcp.url }).status()).clientId ?? '';
  as.forgetClient(clientId);
  const other = oauth.session({ resource: mcp.url, profile: 'other' });
  await other.authorize();
  expect((await other.status()).clientId).not.toBe(clientId);
  expect(as.counts()).toMatchObject({ register: 2 });
  expect(scene.browser.opened).toHaveLength(2);
  as.forgetClient((await other.status()).clientId ?? '');
  await oauth.session({ resource: mcp.url, profile: 'web' }).beginAuthorization({ redirectUri: WEB });
  expect(pushes(as).map(({ outcome }) => outcome)).toEqual(['ok', 'invalid_client', 'ok', 'ok']);
});

test('B69: a server that refuses every client is asked with one new one, and a client of the host with none', async () => {
  const { as, mcp } = await strict();
  const oauth = scene.desktop();
  await oauth.session({ resource: mcp.url }).authorize();
  as.clearLog();
  as.failAlways('par', faults.json(401, { error: 'invalid_client' }));
  const denied = { code: 'authorization_denied', error: 'invalid_client' };
  expect(await refusal(oauth.session({ resource: mcp.url, profile: 'other' }).authorize())).toMatchObject(
    denied,
  );
  expect(as.counts()).toMatchObject({ par: 2, register: 1 });
  const { clientId } = as.addClient({ redirectUris: [WEB] });
  const own = oauth.session({ resource: mcp.url, profile: 'own' }, { clientId });
  expect(await refusal(own.beginAuthorization({ redirectUri: WEB }))).toMatchObject(denied);
  expect(as.counts()).toMatchObject({ par: 3, register: 1 });
  expect(scene.browser.opened).toHaveLength(1);
});

test.each([
  ['is in trouble', faults.unavailableHtml(), { code: 'transient' }],
  ['redirects', faults.redirect('https://evil.example/par', 307), { code: 'transient' }],
  ['answers without a request_uri', faults.json(201, { expires_in: 60 }), { code: 'authorization_denied' }],
  ['answers with no JSON', faults.htmlOk(), { code: 'authorization_denied' }],
  [
    'answers with a request_uri without an end',
    faults.json(201, { request_uri: 'x'.repeat(3_000), expires_in: 60 }),
    { code: 'authorization_denied', error: 'malformed_response' },
  ],
])('an endpoint that %s begins no login, and none is lost', async (_, fault, expected) => {
  const { as, mcp } = await strict();
  const session = scene.desktop().session({ resource: mcp.url });
  await session.authorize();
  as.failAlways('par', fault);
  expect(await refusal(session.beginAuthorization({ redirectUri: WEB }))).toMatchObject(expected);
  expect(await session.status()).toMatchObject({ state: 'logged_in' });
});

test('a request that the server has forgotten shows its page, and the next login is as good as ever', async () => {
  const { as, mcp } = await strict({ pushedRequestTtl: 1 });
  const oauth = scene.desktop();
  const session = oauth.session({ resource: mcp.url });
  const late = await session.beginAuthorization({ redirectUri: WEB });
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  expect(late.expiresAt?.getTime()).toBeLessThan(Date.now());
  await expect(person.consent(late.authorizationUrl)).rejects.toThrow(/status 400/);
  as.behaviour.pushedRequestTtl = 60;
  const { authorizationUrl, binding } = await session.beginAuthorization({ redirectUri: WEB });
  await oauth.completeAuthorization(await person.consent(authorizationUrl), { binding });
  expect(await session.status()).toMatchObject({ state: 'logged_in' });
});

test("the MCP SDK's own login shows the pushed request", async () => {
  const { as, mcp } = await strict();
  const session = scene.desktop().session({ resource: mcp.url });
  const authProvider = new SessionOAuthProvider({ session, client: { client_name: 'Test host' } });
  const transport = new StreamableHTTPClientTransport(mcp.url, { authProvider });
  const client = new Client({ name: 'test', version: '1' });
  await expect(client.connect(transport)).rejects.toBeInstanceOf(UnauthorizedError);
  await transport.finishAuth(await authProvider.authorizationCode());
  await transport.close();
  const second = scene.keep(new Client({ name: 'test', version: '1' }));
  await second.connect(new StreamableHTTPClientTransport(mcp.url, { authProvider }));
  expect(await second.callTool({ name: 'whoami', arguments: {} })).toMatchObject({
    content: [{ type: 'text' }],
  });
  expect(pushes(as)).toMatchObject([{ outcome: 'ok' }]);
  expect(scene.browser.opened.map(({ searchParams }) => [...searchParams.keys()].sort())).toEqual([
    ['client_id', 'request_uri'],
  ]);
});
