import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import {
  ScriptedBrowser,
  startMcpServer,
  startStrictAuthorizationServer,
  stdioServerPath,
} from '@mcp-oauth/e2e';
import type { RunningMcpServer, StrictAuthorizationServer } from '@mcp-oauth/e2e';
import { LoopbackCallbackListener } from '@mcp-oauth/node';
// Each entry brings one version of its SDK: this is what both of them are made of.
import { ConfiguredTransports } from '../../../packages/transport-factory/src/transport/configured-transports.js';
import { supportedSdks } from './support/supported-sdks.js';
import type { SdkTransport, SupportedSdk } from './support/supported-sdks.js';

let server: StrictAuthorizationServer;
let mcp: RunningMcpServer;
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  server = await startStrictAuthorizationServer();
  mcp = await startMcpServer({ authorizationServers: [server] });
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await mcp.close();
  await server.close();
});

function factory(sdk: SupportedSdk, isAttended: boolean): ConfiguredTransports<SdkTransport, 'single'> {
  const oauth = createOAuthClient({
    store: new MemoryTokenStore(),
    client: { client_name: 'Test host' },
    ...(isAttended
      ? { browser: new ScriptedBrowser(), callbackListener: new LoopbackCallbackListener() }
      : {}),
  });
  closing.push(() => oauth.close());
  const { Http, Sse, Stdio, getDefaultEnvironment, SseError } = sdk;
  return new ConfiguredTransports(
    {
      StreamableHTTPClientTransport: Http,
      SSEClientTransport: Sse,
      StdioClientTransport: Stdio,
      getDefaultEnvironment,
      SseError,
    },
    { oauth },
  );
}

const config = (type: 'http' | 'sse') => ({
  type,
  url: (type === 'sse' ? mcp.sseUrl : mcp.url).href,
  auth: { type: 'oauth' as const },
});

describe.each(supportedSdks)('SDK $version', (sdk) => {
  test.each(['http', 'sse'] as const)(
    'connect() logs the person in inside start(), over %s',
    async (type) => {
      const client = sdk.newClient();
      closing.push(() => client.close());
      await client.connect(factory(sdk, true).create(config(type)));
      expect(JSON.stringify(await client.callTool({ name: 'whoami', arguments: {} }))).toContain('alice');
    },
  );

  test.each(['http', 'sse'] as const)(
    'where nobody can be asked, connect() says that a login is needed, over %s, and the client stays free',
    async (type) => {
      const client = sdk.newClient();
      closing.push(() => client.close());
      await expect(client.connect(factory(sdk, false).create(config(type)))).rejects.toMatchObject({
        code: 'authorization_required',
        reason: 'no_grant',
      });
      await client.close();
      await client.connect(factory(sdk, true).create(config(type)));
    },
  );

  test('a stdio server is started with the environment that this version thinks safe, and answers', async () => {
    const client = sdk.newClient();
    closing.push(() => client.close());
    const stdio = { type: 'stdio' as const, command: process.execPath, args: [stdioServerPath] };
    await client.connect(factory(sdk, false).create(stdio));
    expect(JSON.stringify(await client.callTool({ name: 'whoami', arguments: {} }))).toContain('content');
  });
});
