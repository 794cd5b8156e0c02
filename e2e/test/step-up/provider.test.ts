import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import {
  expectNoLeaks,
  ScriptedBrowser,
  startMcpServer,
  startStrictAuthorizationServer,
} from '@mcp-oauth/e2e';
import type { RunningMcpServer, StrictAuthorizationServer } from '@mcp-oauth/e2e';
import { LoopbackCallbackListener } from '@mcp-oauth/node';
import { CredentialsRenewedError, SessionOAuthProvider } from '@mcp-oauth/transport-factory';
import { callThroughProvider, connectedAgain, providerHosts } from './support/provider-hosts.js';
import { needing, neverContent } from './support/step-up-scene.js';

let server: StrictAuthorizationServer;
let mcp: RunningMcpServer;
let store: MemoryTokenStore;
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  server = await startStrictAuthorizationServer();
  mcp = await startMcpServer({ authorizationServers: [server] });
  store = new MemoryTokenStore();
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await mcp.close();
  await server.close();
});

/** Of a process of its own, over the store of all. */
function provider(): SessionOAuthProvider {
  const oauth = createOAuthClient({
    store,
    client: { client_name: 'Test host' },
    browser: new ScriptedBrowser(),
    callbackListener: new LoopbackCallbackListener(),
  });
  closing.push(() => oauth.close());
  const session = oauth.session({ resource: mcp.url });
  return new SessionOAuthProvider({ session, client: { client_name: 'Test host' } });
}

const refreshes = () => server.log().filter(({ grantType }) => grantType === 'refresh_token').length;
const hosts = providerHosts.map((host) => [host.name, host] as const);

test.each(hosts)(
  '77, 78: %s: a step-up through authProvider asks for all scopes, with a stored refresh token',
  async (_, host) => {
    mcp.behaviour.missingScope = needing({ admin_only: 'mcp:admin' }).missingScope;
    const authProvider = provider();
    await callThroughProvider(host, mcp.url, authProvider, 'whoami');
    const outcome = await callThroughProvider(host, mcp.url, authProvider, 'admin_only');
    expect(outcome).toEqual({ error: undefined, repeated: 0, logins: 1 });
    expect(server.families().map(({ scope }) => new Set(scope.split(' ')))).toEqual([
      new Set(['mcp:tools']),
      new Set(['mcp:tools', 'mcp:admin']),
    ]);
    expect(refreshes()).toBe(0);
  },
);

test.each(hosts)(
  'A78: %s: through authProvider a server that asks for another scope each time gets one consent',
  async (_, host) => {
    const authProvider = provider();
    await callThroughProvider(host, mcp.url, authProvider, 'whoami');
    mcp.behaviour.missingScope = neverContent().missingScope;
    const { error, logins } = await callThroughProvider(host, mcp.url, authProvider, 'add');
    expect(error).toMatchObject({ code: 'step_up_exhausted', reason: 'repeated' });
    expect([logins, refreshes(), server.counts().authorize]).toEqual([1, 0, 2]);
    const later = await callThroughProvider(host, mcp.url, provider(), 'add');
    expect(later).toMatchObject({ error: { code: 'step_up_exhausted' }, logins: 0 });
    expect(server.counts().authorize).toBe(2);
    expectNoLeaks({ error }, server.secrets());
  },
);

test.each(hosts)(
  'A78: %s: of twenty calls at once that are told another scope each, one opens a page',
  async (_, host) => {
    const authProvider = provider();
    await callThroughProvider(host, mcp.url, authProvider, 'whoami');
    mcp.behaviour.missingScope = neverContent().missingScope;
    const connected = await connectedAgain(host, mcp.url, authProvider);
    closing.push(() => connected.close());
    const ends = await Promise.allSettled(Array.from({ length: 20 }, () => connected.call('add')));
    expect(ends.every(({ status }) => status === 'rejected')).toBe(true);
    await connected.finishAuth(await authProvider.authorizationCode());
    expect(server.counts().authorize).toBe(2);
    expect(refreshes()).toBe(0);
  },
);

test.each(hosts)('81: %s: a no through authProvider is remembered', async (_, host) => {
  const authProvider = provider();
  await callThroughProvider(host, mcp.url, authProvider, 'whoami');
  mcp.behaviour.missingScope = needing({ admin_only: 'mcp:admin' }).missingScope;
  server.behaviour.decide = () => ({ error: 'access_denied' });
  const { error } = await callThroughProvider(host, mcp.url, authProvider, 'admin_only');
  expect(error).toMatchObject({ code: 'authorization_denied' });
  const again = await callThroughProvider(host, mcp.url, authProvider, 'admin_only');
  expect(again).toMatchObject({ error: { code: 'step_up_exhausted', reason: 'denied' }, logins: 0 });
  expect(server.counts().authorize).toBe(2);
});

test.each(hosts)(
  '%s: a server that asks for what the token has costs authProvider neither a refresh nor a page',
  async (_, host) => {
    const authProvider = provider();
    await callThroughProvider(host, mcp.url, authProvider, 'whoami');
    mcp.behaviour.missingScope = (operation) => (operation === 'tools/call add' ? 'mcp:tools' : undefined);
    const { error, logins } = await callThroughProvider(host, mcp.url, authProvider, 'add');
    expect(error).toMatchObject({ code: 'step_up_exhausted', reason: 'already_granted' });
    expect([logins, refreshes(), server.counts().authorize]).toEqual([0, 0, 1]);
  },
);

test.each(hosts)(
  '%s: a token that ends unexpectedly is renewed, though the challenge names more than was granted',
  async (_, host) => {
    server.behaviour.decide = () => ({ user: 'alice', scope: 'mcp:tools' });
    mcp.behaviour.challengeScope = 'mcp:tools mcp:extra';
    const authProvider = provider();
    await callThroughProvider(host, mcp.url, authProvider, 'whoami');
    mcp.revokeAllTokens();
    const outcome = await callThroughProvider(host, mcp.url, authProvider, 'whoami');
    expect(outcome).toMatchObject({ error: undefined, logins: 0 });
    expect([refreshes(), server.counts().authorize]).toEqual([1, 1]);
  },
);

test('a token that was renewed elsewhere meanwhile has the call repeated, and says nothing about scopes', async () => {
  const oauth = createOAuthClient({
    store,
    client: { client_name: 'Test host' },
    browser: new ScriptedBrowser(),
    callbackListener: new LoopbackCallbackListener(),
  });
  closing.push(() => oauth.close());
  const session = oauth.session({ resource: mcp.url });
  await session.authorize();
  const authProvider = new SessionOAuthProvider({ session, client: { client_name: 'Test host' } });
  await authProvider.tokens();
  const { grantId, generation } = await session.currentToken();
  await session.currentToken({ rejected: { grantId, generation } });
  const refused = authProvider.redirectToAuthorization(new URL('https://unused.example/?scope=mcp:tools'));
  await expect(refused).rejects.toBeInstanceOf(CredentialsRenewedError);
  expect([refreshes(), server.counts().authorize]).toEqual([1, 1]);
});
