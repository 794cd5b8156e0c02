import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { stdioServerPath } from '@mcp-oauth/e2e';
// Each entry brings one version of its SDK: this is what both of them are made of.
import { ConfiguredTransports } from '../../../packages/transport-factory/src/transport/configured-transports.js';
import { DesktopScene } from '../desktop-scene.js';
import { supportedSdks } from './support/supported-sdks.js';
import type { SdkTransport, SupportedSdk } from './support/supported-sdks.js';

let scene: DesktopScene;

beforeEach(async () => {
  scene = await DesktopScene.start();
});

afterEach(async () => {
  await scene.close();
});

function factory(sdk: SupportedSdk, isAttended: boolean): ConfiguredTransports<SdkTransport, 'single'> {
  const oauth = isAttended ? scene.oauth() : scene.unattended();
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
  url: (type === 'sse' ? scene.mcp.sseUrl : scene.mcp.url).href,
  auth: { type: 'oauth' as const },
});

describe.each(supportedSdks)('SDK $version', (sdk) => {
  test.each(['http', 'sse'] as const)(
    'connect() logs the person in inside start(), over %s',
    async (type) => {
      const client = sdk.newClient();
      scene.closeLater(() => client.close());
      await client.connect(factory(sdk, true).create(config(type)));
      expect(JSON.stringify(await client.callTool({ name: 'whoami', arguments: {} }))).toContain('alice');
    },
  );

  test.each(['http', 'sse'] as const)(
    'where nobody can be asked, connect() says that a login is needed, over %s, and the client stays free',
    async (type) => {
      const client = sdk.newClient();
      scene.closeLater(() => client.close());
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
    scene.closeLater(() => client.close());
    const stdio = { type: 'stdio' as const, command: process.execPath, args: [stdioServerPath] };
    await client.connect(factory(sdk, false).create(stdio));
    expect(JSON.stringify(await client.callTool({ name: 'whoami', arguments: {} }))).toContain('content');
  });
});
