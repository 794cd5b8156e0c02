import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import type { OAuthSession } from '@mcp-oauth/core';
import { expectNoLeaks } from '@mcp-oauth/e2e';
import { CredentialsRenewedError, SessionOAuthProvider } from '@mcp-oauth/transport-factory';
import { DesktopScene } from '../desktop-scene.js';
import { callThroughProvider, connectedAgain, providerHosts } from './support/provider-hosts.js';
import { needing, neverContent } from './support/step-up-scene.js';

let scene: DesktopScene;
let store: MemoryTokenStore;

beforeEach(async () => {
  scene = await DesktopScene.start();
  store = new MemoryTokenStore();
});

afterEach(async () => {
  await scene.close();
});

/** Of a process of its own, over the store of all. */
const newSession = () => scene.oauth({ store }).session({ resource: scene.mcp.url });

function provider(session: OAuthSession = newSession()): SessionOAuthProvider {
  return new SessionOAuthProvider({ session, client: { client_name: 'Test host' } });
}

const refreshes = () => scene.server.log().filter(({ grantType }) => grantType === 'refresh_token').length;
const hosts = providerHosts.map((host) => [host.name, host] as const);

test.each(hosts)(
  '77, 78: %s: a step-up through authProvider asks for all scopes, with a stored refresh token',
  async (_, host) => {
    scene.mcp.behaviour.missingScope = needing({ admin_only: 'mcp:admin' }).missingScope;
    const authProvider = provider();
    await callThroughProvider(host, scene.mcp.url, authProvider, 'whoami');
    const outcome = await callThroughProvider(host, scene.mcp.url, authProvider, 'admin_only');
    expect(outcome).toEqual({ error: undefined, repeated: 0, logins: 1 });
    expect(scene.server.families().map(({ scope }) => new Set(scope.split(' ')))).toEqual([
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
    await callThroughProvider(host, scene.mcp.url, authProvider, 'whoami');
    scene.mcp.behaviour.missingScope = neverContent().missingScope;
    const { error, logins } = await callThroughProvider(host, scene.mcp.url, authProvider, 'add');
    expect(error).toMatchObject({ code: 'step_up_exhausted', reason: 'repeated' });
    expect([logins, refreshes(), scene.server.counts().authorize]).toEqual([1, 0, 2]);
    const later = await callThroughProvider(host, scene.mcp.url, provider(), 'add');
    expect(later).toMatchObject({ error: { code: 'step_up_exhausted' }, logins: 0 });
    expect(scene.server.counts().authorize).toBe(2);
    expectNoLeaks({ error }, scene.server.secrets());
  },
);

test.each(hosts)(
  'A78: %s: of twenty calls at once that are told another scope each, one opens a page',
  async (_, host) => {
    const authProvider = provider();
    await callThroughProvider(host, scene.mcp.url, authProvider, 'whoami');
    scene.mcp.behaviour.missingScope = neverContent().missingScope;
    const connected = await connectedAgain(host, scene.mcp.url, authProvider);
    scene.closeLater(() => connected.close());
    const ends = await Promise.allSettled(Array.from({ length: 20 }, () => connected.call('add')));
    expect(ends.every(({ status }) => status === 'rejected')).toBe(true);
    await connected.finishAuth(await authProvider.authorizationCode());
    expect(scene.server.counts().authorize).toBe(2);
    expect(refreshes()).toBe(0);
  },
);

test.each(hosts)('81: %s: a no through authProvider is remembered', async (_, host) => {
  const authProvider = provider();
  await callThroughProvider(host, scene.mcp.url, authProvider, 'whoami');
  scene.mcp.behaviour.missingScope = needing({ admin_only: 'mcp:admin' }).missingScope;
  scene.server.behaviour.decide = () => ({ error: 'access_denied' });
  const { error } = await callThroughProvider(host, scene.mcp.url, authProvider, 'admin_only');
  expect(error).toMatchObject({ code: 'authorization_denied' });
  const again = await callThroughProvider(host, scene.mcp.url, authProvider, 'admin_only');
  expect(again).toMatchObject({ error: { code: 'step_up_exhausted', reason: 'denied' }, logins: 0 });
  expect(scene.server.counts().authorize).toBe(2);
});

test.each(hosts)(
  '%s: a server that asks for what the token has costs authProvider neither a refresh nor a page',
  async (_, host) => {
    const authProvider = provider();
    await callThroughProvider(host, scene.mcp.url, authProvider, 'whoami');
    scene.mcp.behaviour.missingScope = (operation) =>
      operation === 'tools/call add' ? 'mcp:tools' : undefined;
    const { error, logins } = await callThroughProvider(host, scene.mcp.url, authProvider, 'add');
    expect(error).toMatchObject({ code: 'step_up_exhausted', reason: 'already_granted' });
    expect([logins, refreshes(), scene.server.counts().authorize]).toEqual([0, 0, 1]);
  },
);

test.each(hosts)(
  '%s: a token that ends unexpectedly is renewed, though the challenge names more than was granted',
  async (_, host) => {
    scene.server.behaviour.decide = () => ({ user: 'alice', scope: 'mcp:tools' });
    scene.mcp.behaviour.challengeScope = 'mcp:tools mcp:extra';
    const authProvider = provider();
    await callThroughProvider(host, scene.mcp.url, authProvider, 'whoami');
    scene.mcp.revokeAllTokens();
    const outcome = await callThroughProvider(host, scene.mcp.url, authProvider, 'whoami');
    expect(outcome).toMatchObject({ error: undefined, logins: 0 });
    expect([refreshes(), scene.server.counts().authorize]).toEqual([1, 1]);
  },
);

test('a token that was renewed elsewhere meanwhile has the call repeated, and says nothing about scopes', async () => {
  const session = newSession();
  await session.authorize();
  const authProvider = provider(session);
  await authProvider.tokens();
  const { grantId, generation } = await session.currentToken();
  await session.currentToken({ rejected: { grantId, generation } });
  const refused = authProvider.redirectToAuthorization(new URL('https://unused.example/?scope=mcp:tools'));
  await expect(refused).rejects.toBeInstanceOf(CredentialsRenewedError);
  expect([refreshes(), scene.server.counts().authorize]).toEqual([1, 1]);
});
