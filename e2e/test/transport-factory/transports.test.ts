import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import type { TokenStore } from '@mcp-oauth/core';
import { faults, startMcpServer, stdioServerPath } from '@mcp-oauth/e2e';
import type { Fault } from '@mcp-oauth/e2e';
import { parseMcpServers } from '@mcp-oauth/transport-factory';
import type { HttpServerConfig, McpServerConfig } from '@mcp-oauth/transport-factory';
import { DesktopScene } from '../desktop-scene.js';
import { sdks } from './sdks.js';
import type { McpClient } from './sdks.js';

describe.each(sdks)('$name', (sdk) => {
  let scene: DesktopScene;

  beforeEach(async () => {
    scene = await DesktopScene.start({ server: { accessTokenTtl: 60 } });
  });
  afterEach(async () => {
    await scene.close();
  });

  function config(extra: object = {}): HttpServerConfig {
    const json = { mcpServers: { rig: { url: scene.mcp.url.href, auth: { type: 'oauth' }, ...extra } } };
    return parseMcpServers(json, { env: {} }).mcpServers['rig'] as HttpServerConfig;
  }

  function factory(store: TokenStore = new MemoryTokenStore()) {
    return sdk.createTransportFactory({ oauth: scene.oauth({ store }) });
  }

  async function connected(one: McpServerConfig, transports = factory()): Promise<McpClient> {
    const client = sdk.newClient();
    scene.closeLater(() => client.close());
    await client.connect(transports.create(one));
    return client;
  }

  const call = (client: McpClient, name = 'whoami') => client.callTool({ name, arguments: {} });
  const rejected = (answers: readonly PromiseSettledResult<unknown>[]) =>
    answers.flatMap((answer) => (answer.status === 'rejected' ? [String(answer.reason)] : []));

  test('connect() logs the person in inside start(), and the tool answers', async () => {
    const client = await connected(config());
    expect(JSON.stringify(await call(client))).toContain('alice');
    expect(scene.browser.opened).toHaveLength(1);
  });

  test('the old SSE transport logs in the same way', async () => {
    const client = await connected(config({ url: scene.mcp.sseUrl.href, type: 'sse' }));
    expect(JSON.stringify(await call(client))).toContain('alice');
    expect(scene.browser.opened).toHaveLength(1);
  });

  test('a second client over the same store needs no login', async () => {
    const store = new MemoryTokenStore();
    await connected(config(), factory(store));
    await call(await connected(config(), factory(store)));
    expect(scene.browser.opened).toHaveLength(1);
  });

  test('a stdio server is started and answers', async () => {
    const json = { mcpServers: { local: { command: process.execPath, args: [stdioServerPath] } } };
    const client = await connected(parseMcpServers(json).mcpServers['local']!);
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('whoami');
  });

  test('a server without a guard asks nobody to log in', async () => {
    const open = await startMcpServer();
    scene.closeLater(() => open.close());
    const client = await connected(config({ url: open.url.href }));
    await call(client);
    expect(scene.browser.opened).toHaveLength(0);
  });

  test('20 parallel calls on an expired token of one transport cause 1 refresh, and none fails', async () => {
    scene.server.behaviour.accessTokenTtl = 2;
    const client = await connected(config());
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    scene.server.behaviour.accessTokenTtl = 60;
    scene.server.clearLog();
    expect(rejected(await Promise.allSettled(Array.from({ length: 20 }, () => call(client))))).toEqual([]);
    expect(scene.server.counts().token).toBe(1);
    expect(scene.browser.opened).toHaveLength(1);
  });

  test('an unexpected 401 for 20 parallel calls costs 1 refresh, and none fails', async () => {
    const client = await connected(config());
    scene.mcp.revokeAllTokens();
    scene.server.clearLog();
    expect(rejected(await Promise.allSettled(Array.from({ length: 20 }, () => call(client))))).toEqual([]);
    expect(scene.server.counts().token).toBe(1);
    expect(scene.browser.opened).toHaveLength(1);
  });

  test('20 sessions over one store cause 1 refresh, and no call fails', async () => {
    const store = new MemoryTokenStore();
    const clients = [];
    for (let index = 0; index < 20; index++) clients.push(await connected(config(), factory(store)));
    scene.server.expireAccessTokens();
    scene.server.clearLog();
    expect(rejected(await Promise.allSettled(clients.map((client) => call(client))))).toEqual([]);
    expect(scene.server.counts().token).toBe(1);
    expect(scene.server.families().map(({ revoked }) => revoked)).toEqual([undefined]);
    expect(scene.browser.opened).toHaveLength(1);
  }, 30_000);

  test.each<[string, Fault]>(
    Object.entries({
      'a reset': faults.reset(),
      'a 500': faults.internalError(),
      'a 429': faults.tooManyRequests('1'),
      'HTML with 200': faults.htmlOk(),
    }),
  )('%s at the token endpoint opens no browser and loses nothing', async (_name, fault) => {
    const client = await connected(config());
    scene.mcp.revokeAllTokens();
    scene.server.fail('token', fault);
    await expect(call(client)).rejects.toMatchObject({ code: 'transient', grantKept: true });
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    expect(JSON.stringify(await call(client))).toContain('alice');
    expect(scene.browser.opened).toHaveLength(1);
    expect(scene.server.counts().register).toBe(1);
  });

  test('a call that needs more than was granted rejects with what to ask for', async () => {
    const client = await connected(config());
    await expect(call(client, 'admin_only')).rejects.toMatchObject({
      code: 'authorization_required',
      reason: 'insufficient_scope',
      scope: expect.stringContaining('mcp:admin'),
    });
  });

  test.each([
    [
      { kind: 'bearer', token: 'static' },
      { type: 'bearer', token: 'static' },
    ],
    [
      { kind: 'basic', username: 'ann', password: 'pä:ss' },
      { type: 'basic', username: 'ann', password: 'pä:ss' },
    ],
    [
      { kind: 'api_key', header: 'X-Key', key: 'static' },
      { type: 'apiKey', header: 'X-Key', key: 'static' },
    ],
  ] as const)('static credentials (%j) let in without OAuth', async (credentials, auth) => {
    const guarded = await startMcpServer({ credentials });
    scene.closeLater(() => guarded.close());
    const client = await connected(config({ url: guarded.url.href, auth }));
    await call(client);
    expect(scene.browser.opened).toHaveLength(0);
    expect(scene.server.log()).toEqual([]);
  });

  test('one provider serves all transports of an owner at a server', () => {
    const transports = factory();
    expect(transports.getOAuthProvider(config())).toBe(transports.getOAuthProvider(config()));
    const other = { profile: 'work' };
    expect(transports.getOAuthProvider(config(), other)).not.toBe(transports.getOAuthProvider(config()));
  });
});
