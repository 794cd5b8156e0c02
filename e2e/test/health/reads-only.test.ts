import { expect, test } from '@jest/globals';
import { createOAuthClient } from '@mcp-oauth/core';
import { expectNoLeaks, faults, startMcpServer } from '@mcp-oauth/e2e';
import { WatchedStore } from '../authorization/watched-store.js';
import { WebHost } from '../authorization/web-host.js';

/** Health before servers that stand as they are, and what it left behind. */
async function lookedAt(host: WebHost) {
  const before = await host.store.records();
  host.server.clearLog();
  host.mcp.clearLog();
  const report = await host.session.health();
  expect(await host.store.records()).toEqual(before);
  expect(host.server.log().map(({ endpoint }) => endpoint)).toEqual(['metadata']);
  expect(host.mcp.log().filter(({ token }) => token !== undefined)).toEqual([]);
  expectNoLeaks({ report }, host.server.secrets());
  const [login] = report.findings.filter(({ check }) => check === 'login');
  return { report, login };
}

test('a login is looked at without a token on the way and without a write', () =>
  WebHost.run(async (host) => {
    await host.complete(await host.consented());
    const { report, login } = await lookedAt(host);
    expect(report.status).toBe('ok');
    expect(login?.message).toMatch(/It is renewed without a person/);
    await host.expectLoggedIn();
  }));

test('a token that has ended is not renewed by looking at it', () =>
  WebHost.run(
    async (host) => {
      await host.complete(await host.consented());
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      const { report, login } = await lookedAt(host);
      expect(report.status).toBe('ok');
      expect(login?.message).toMatch(/The access token ended at/);
      expect(host.server.families()).toMatchObject([{ generation: 1 }]);
      await host.expectLoggedIn();
      expect(host.server.families()).toMatchObject([{ generation: 2 }]);
    },
    { server: { accessTokenTtl: 1 } },
  ));

test('a refused refresh token is a problem, and looking at it does not show it again', () =>
  WebHost.run(
    async (host) => {
      await host.complete(await host.consented());
      host.server.failAlways('token', faults.oauthError('invalid_grant'));
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      await expect(host.session.accessToken()).rejects.toMatchObject({ code: 'authorization_required' });
      const { login } = await lookedAt(host);
      expect(login).toMatchObject({ status: 'problem' });
      expect(login?.remedy).toMatch(/Log in again/);
    },
    { server: { accessTokenTtl: 1 } },
  ));

test('refreshes that fail for now are a warning with the time of the next try', () =>
  WebHost.run(
    async (host) => {
      await host.complete(await host.consented());
      host.server.failAlways('token', faults.tooManyRequests('60'));
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      await expect(host.session.accessToken()).rejects.toMatchObject({ code: 'transient' });
      const { login } = await lookedAt(host);
      expect(login).toMatchObject({ status: 'warning' });
      expect(login?.message).toMatch(/The last refresh failed.* Nobody tries again before/);
    },
    { server: { accessTokenTtl: 1 } },
  ));

test('nothing that the session keeps in memory changes: the next call still learns of the challenge itself', () =>
  WebHost.run(async (host) => {
    host.mcp.behaviour.challengeScope = 'mcp:admin';
    await host.session.health();
    host.mcp.behaviour.challengeScope = 'mcp:tools';
    const { authorizationUrl } = await host.consented();
    expect(authorizationUrl.searchParams.get('scope')).toBe('mcp:tools');
  }));

test('owners are told apart: the login of one is no login of another', () =>
  WebHost.run(async (host) => {
    await host.complete(await host.consented());
    const { findings } = await host.sessionOf('bob').health();
    expect(findings[1]).toMatchObject({
      check: 'login',
      message: expect.stringMatching(/^Nobody has logged in/),
    });
  }));

test('an open MCP server needs nothing', async () => {
  const mcp = await startMcpServer();
  const store = new WatchedStore();
  const oauth = createOAuthClient({ store, client: { client_name: 'Host' } });
  try {
    const report = await oauth.session({ resource: mcp.url }).health();
    expect(report.status).toBe('ok');
    expect(report.findings.filter(({ status }) => status === 'ok').map(({ check }) => check)).toEqual([
      'store',
      'login',
      'resource',
      'clock',
    ]);
    expect(await store.records()).toEqual([]);
  } finally {
    await oauth.close();
    await mcp.close();
  }
});

test('a server of the 2025-03-26 revision is found at its own origin', async () => {
  const mcp = await startMcpServer({ metadataPlacement: 'none', ownAuthorizationServer: {} });
  const oauth = createOAuthClient({ store: new WatchedStore(), client: { client_name: 'Host' } });
  try {
    const { findings } = await oauth.session({ resource: mcp.url }).health();
    const warned = findings.filter(({ status }) => status === 'warning').map(({ check }) => check);
    expect(warned).toEqual(['login', 'resource_metadata']);
    expect(findings.find(({ check }) => check === 'authorization_server')?.message).toMatch(/2025-03-26/);
  } finally {
    await oauth.close();
    await mcp.close();
  }
});
