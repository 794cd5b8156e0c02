import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { FetchLike } from '@mcp-oauth/core';
import { startStrictAuthorizationServer } from '@mcp-oauth/e2e';
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
