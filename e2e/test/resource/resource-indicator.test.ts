import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startMcpServer, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { McpServerOptions } from '@mcp-oauth/e2e';
import { Scene } from '../registration/scene.js';

let scene: Scene;

beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.close());

/** The `resource` of every request of a login and a refresh, by where it went. */
async function resources(options: McpServerOptions = {}) {
  const server = scene.keep(await startStrictAuthorizationServer());
  const mcp = scene.keep(await startMcpServer({ authorizationServers: [server], ...options }));
  const session = scene.desktop().session({ resource: mcp.url });
  await session.authorize();
  const rejected = await session.currentToken();
  await session.currentToken({ rejected });
  const asked = server.log().filter(({ endpoint }) => endpoint === 'authorize' || endpoint === 'token');
  expect(asked.map(({ endpoint }) => endpoint)).toEqual(['authorize', 'token', 'token']);
  return { mcp, sent: asked.map(({ resource }) => resource) };
}

test('42: the resource goes into the authorization request, the code exchange and every refresh', async () => {
  const { mcp, sent } = await resources();
  expect(sent).toEqual([mcp.url.href, mcp.url.href, mcp.url.href]);
});

test.each([
  ['the origin', ''],
  ['the origin with a slash', '/'],
  ['the path with a slash', '/mcp/'],
])('43: it is exactly what the MCP server advertises: %s', async (_, suffix) => {
  const server = scene.keep(await startStrictAuthorizationServer());
  const mcp = await scene.mcpServer(server);
  mcp.behaviour.metadata = { resource: `${mcp.origin}${suffix}` };
  await scene.desktop().session({ resource: mcp.url }).authorize();
  expect(server.families()).toMatchObject([{ resource: `${mcp.origin}${suffix}` }]);
});

test('44: a server that does not say that it knows the parameter gets it all the same', async () => {
  const { mcp, sent } = await resources({ path: '/a/mcp' });
  expect(sent).toEqual([mcp.url.href, mcp.url.href, mcp.url.href]);
  expect(mcp.url.pathname).toBe('/a/mcp');
});
