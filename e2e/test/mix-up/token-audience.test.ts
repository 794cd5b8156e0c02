import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import type { OAuthClient } from '@mcp-oauth/core';
import {
  faults,
  LeakOracle,
  person,
  ScriptedBrowser,
  startMcpServer,
  startStrictAuthorizationServer,
} from '@mcp-oauth/e2e';
import type { RunningMcpServer, StrictAuthorizationServer } from '@mcp-oauth/e2e';
import { LoopbackCallbackListener } from '@mcp-oauth/node';
import { wires } from '../step-up/support/wires.js';

let server: StrictAuthorizationServer;
let one: RunningMcpServer;
let other: RunningMcpServer;
let oauth: OAuthClient;
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  server = await startStrictAuthorizationServer();
  one = await startMcpServer({ authorizationServers: [server] });
  other = await startMcpServer({ authorizationServers: [server] });
  oauth = createOAuthClient({
    store: new MemoryTokenStore(),
    client: { client_name: 'Test host' },
    browser: new ScriptedBrowser(),
    callbackListener: new LoopbackCallbackListener(),
  });
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await oauth.close();
  await other.close();
  await one.close();
  await server.close();
});

/** Keeps what it was sent, and sends the client on to another address where it is told to. */
async function eavesdropper(location?: string): Promise<{ url: URL; heard: string[] }> {
  const heard: string[] = [];
  const listener = createServer((request, response) => {
    heard.push(`${request.url ?? ''} ${JSON.stringify(request.headers)}`);
    response.writeHead(location === undefined ? 200 : 307, location === undefined ? {} : { location }).end();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        listener.close(() => {
          resolve();
        });
        listener.closeAllConnections();
      }),
  );
  return { url: new URL(`http://127.0.0.1:${String((listener.address() as AddressInfo).port)}/mcp`), heard };
}

test.each(wires.map((wire) => [wire.name, wire] as const))(
  '64: %s: two MCP servers of one authorization server get a token each, and neither that of the other',
  async (_, wire) => {
    for (const mcp of [one, other]) {
      const session = oauth.session({ resource: wire.resource(mcp) });
      await session.authorize();
      const client = await wire.connect(session, mcp);
      closing.push(() => client.close());
      await client.call('whoami');
    }
    const tokens = [one, other].map((mcp) => new Set(mcp.log().flatMap(({ token }) => token ?? [])));
    expect(tokens.map(({ size }) => size)).toEqual([1, 1]);
    expect(new Set(tokens.flatMap((seen) => [...seen])).size).toBe(2);
    expect(server.families().map(({ resource }) => resource)).toEqual(
      [one, other].map((mcp) => wire.resource(mcp).href),
    );
  },
);

test.each(['resource', 'origin'] as const)(
  '64: a fetch for the %s carries no token to another origin, whoever leads there',
  async (audience) => {
    const away = await eavesdropper();
    const redirecting = await eavesdropper(away.url.href);
    const session = oauth.session({ resource: one.url });
    await session.authorize();
    const fetch = session.fetchFor(audience);
    await fetch(away.url, { method: 'POST', body: '{}' });
    await fetch(other.url, { method: 'POST', body: '{}' });
    await fetch(redirecting.url, { method: 'POST', body: '{}' });
    const heard = [...away.heard, ...redirecting.heard].join('\n');
    expect(away.heard).not.toHaveLength(0);
    expect(new LeakOracle(server.secrets()).findIn(heard)).toEqual([]);
    expect(heard).not.toMatch(/authorization/i);
    expect(other.counts().distinctTokens).toBe(0);
  },
);

test.each([302, 307, 308])(
  '64: an MCP server that redirects by %i gets its answer handed back, and nobody is followed',
  async (status) => {
    const away = await eavesdropper();
    const session = oauth.session({ resource: one.url });
    await session.authorize();
    one.fail('mcp', faults.redirect(away.url.href, status));
    const response = await session.fetch(one.url, { method: 'POST', body: '{}' });
    expect([response.status, response.headers.get('location')]).toEqual([status, away.url.href]);
    expect(away.heard).toEqual([]);
  },
);

test('64: a fetch for the resource carries no token to another path of the same origin', async () => {
  const session = oauth.session({ resource: one.url });
  await session.authorize();
  for (const path of ['/', '/mcpx', '/other', '/mcp/../other', '/%6dcp']) {
    await session.fetch(new URL(path, one.origin), { method: 'POST', body: '{}' });
  }
  expect(one.log().filter(({ path, token }) => path !== '/mcp' && token !== undefined)).toEqual([]);
  await session.fetch(one.url, { method: 'POST', body: '{}' });
  expect(one.counts().distinctTokens).toBe(1);
});

test('63: through a whole life of a login no token, code, verifier or secret of it stands in an address', async () => {
  const addresses: string[] = [];
  const redirectUri = 'https://host.example/callback';
  const host = createOAuthClient({
    store: new MemoryTokenStore(),
    client: { client_name: 'Test host' },
    fetch: (url, init) => {
      addresses.push(String(url));
      return fetch(url, init);
    },
  });
  closing.push(() => host.close());
  const session = host.session({ resource: one.url });
  const { authorizationUrl, binding } = await session.beginAuthorization({ redirectUri });
  addresses.push(authorizationUrl.href);
  await host.completeAuthorization(await person.consent(authorizationUrl), { binding });
  server.expireAccessTokens();
  await session.fetch(one.url, { method: 'POST', body: '{}' });
  await session.revoke();
  expect(server.counts()).toMatchObject({ register: 1, token: 2 });
  expect(server.counts().revoke).toBeGreaterThan(0);
  expect(new LeakOracle(server.secrets()).findIn(addresses.join('\n'))).toEqual([]);
  expect(addresses.join('\n')).not.toMatch(/code_verifier|refresh_token|access_token|client_secret/);
});
