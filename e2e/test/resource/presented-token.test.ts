import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { FetchLike, OAuthSession } from '@mcp-oauth/core';
import { faults, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { RunningMcpServer, StrictAuthorizationServer } from '@mcp-oauth/e2e';
import { Scene } from '../registration/scene.js';
import { sdks } from '../transport-factory/sdks.js';

let scene: Scene;
let server: StrictAuthorizationServer;
let mcp: RunningMcpServer;

beforeEach(async () => {
  scene = new Scene();
  server = scene.keep(await startStrictAuthorizationServer());
  mcp = await scene.mcpServer(server);
});
afterEach(() => scene.close());

/** A host that is logged in, and every request that it sends to its MCP server. */
async function loggedIn() {
  const sent: { readonly url: URL; readonly authorization: string | null }[] = [];
  const watched: FetchLike = (url, init = {}) => {
    sent.push({ url: new URL(url), authorization: new Headers(init.headers).get('authorization') });
    return fetch(url, init);
  };
  const oauth = scene.desktop({ fetch: watched });
  const session = oauth.session({ resource: mcp.url });
  await session.authorize();
  sent.length = 0;
  return { oauth, session, sent };
}

test.each(sdks)(
  '62, 63: over $name the token is in the header of every request and in no address',
  async (sdk) => {
    const { oauth, session, sent } = await loggedIn();
    const token = await session.accessToken();
    const factory = sdk.createTransportFactory({ oauth });
    const client = sdk.newClient();
    await client.connect(factory.create({ type: 'http', url: mcp.url.href, auth: { type: 'oauth' } }));
    await client.listTools();
    await client.callTool({ name: 'whoami', arguments: {} });
    await client.close();
    const toServer = sent.filter(({ url }) => url.href.startsWith(mcp.url.href));
    expect(toServer.length).toBeGreaterThanOrEqual(3);
    for (const { url, authorization } of toServer) {
      expect(authorization).toBe(`Bearer ${token}`);
      expect(url.search).toBe('');
    }
  },
);

/** A server beside the MCP server, and what came to it. */
async function elsewhere() {
  const came: IncomingHttpHeaders[] = [];
  const other = createServer((request, response) => {
    came.push(request.headers);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  scene.keep({
    close: async () => {
      other.close();
      await once(other, 'close');
    },
  });
  return { origin: `http://127.0.0.1:${String(port)}`, came };
}

const withBody: RequestInit = { method: 'POST', body: '{}' };
const authorizationsAt = async (session: OAuthSession, url: string | URL): Promise<void> => {
  await (await session.fetch(url, withBody)).body?.cancel();
};

test('64: a request to another origin goes without the token', async () => {
  const { session } = await loggedIn();
  const { origin, came } = await elsewhere();
  await authorizationsAt(session, `${origin}/mcp`);
  expect(came.map(({ authorization }) => authorization)).toEqual([undefined]);
});

test('64: a request to another path of the same origin goes without the token', async () => {
  const { session, sent } = await loggedIn();
  for (const path of ['/', '/other', '/mcp2', '/mcp/../other']) {
    await authorizationsAt(session, new URL(path, mcp.origin));
  }
  expect(sent.map(({ authorization }) => authorization)).toEqual([null, null, null, null]);
});

test.each([301, 302, 307, 308])('64: a redirect by %i takes the token nowhere', async (status) => {
  const { session } = await loggedIn();
  const { origin, came } = await elsewhere();
  mcp.failAlways('mcp', faults.redirect(`${origin}/mcp`, status));
  const answer = await session.fetch(mcp.url, withBody);
  expect(answer.status).toBe(status);
  expect(came).toEqual([]);
});

test('64: each MCP server gets the token of its own login alone', async () => {
  const other = await scene.mcpServer(server);
  const { oauth, session, sent } = await loggedIn();
  const second = oauth.session({ resource: other.url });
  await second.authorize();
  sent.length = 0;
  for (const [one, url] of [
    [session, mcp.url],
    [second, other.url],
    [session, other.url],
    [second, mcp.url],
  ] as const) {
    await authorizationsAt(one, url);
  }
  const tokens = [await session.accessToken(), await second.accessToken()];
  expect(sent.map(({ authorization }) => authorization)).toEqual([
    ...tokens.map((token) => `Bearer ${token}`),
    null,
    null,
  ]);
});
