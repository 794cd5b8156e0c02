import { afterEach, expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import type { McpBehaviour } from '@mcp-oauth/e2e';
import { SessionOAuthProvider } from '@mcp-oauth/transport-factory/v2';
import * as v2 from '@modelcontextprotocol/client';
import * as v20 from 'mcp-client-2.0';
import { DesktopScene } from '../desktop-scene.js';
import { connectedThrough, sdkV1, sdkV2 } from './support/provider-sdks.js';
import type { ProviderSdk } from './support/provider-sdks.js';

const sdkV20: ProviderSdk = {
  name: 'SDK v2 before 2.1',
  Client: v20.Client,
  Http: v20.StreamableHTTPClientTransport,
  UnauthorizedError: v20.UnauthorizedError,
};
const withoutProofs = [sdkV1, sdkV20];

let scene: DesktopScene;

afterEach(async () => {
  await scene.close();
});

/** Servers that offer bound tokens, or want them, and whose every proof needs a nonce. */
async function servers(dpop: McpBehaviour['dpop'], accessTokenTtl = 60): Promise<DesktopScene> {
  scene = await DesktopScene.start({
    server: { dpop: 'offered', dpopNonces: true, accessTokenTtl },
    mcp: { dpop, dpopNonces: true },
  });
  return scene;
}

/** Each is one of another process, over one store. */
function providers(): () => SessionOAuthProvider {
  const store = new MemoryTokenStore();
  return () => {
    const oauth = scene.oauth({ store });
    const session = oauth.session({ resource: scene.mcp.url });
    return new SessionOAuthProvider({ session, client: oauth.clientMetadata });
  };
}

const whoAmI = { name: 'whoami', arguments: {} };
const schemes = () => new Set(scene.mcp.log().flatMap(({ scheme }) => scheme ?? []));

test('SDK v2 logs in and calls with bound tokens through authProvider, with the nonces of both servers', async () => {
  await servers('required');
  const client = await connectedThrough(sdkV2, scene, providers()());
  await client.callTool(whoAmI);
  await client.callTool(whoAmI);
  expect(schemes()).toEqual(new Set(['dpop']));
});

test('a bound token is renewed ahead of its end, by the key that it is bound to, also by the next process', async () => {
  const { server } = await servers('required', 2);
  const provider = providers();
  await (await connectedThrough(sdkV2, scene, provider())).callTool(whoAmI);
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  const client = await connectedThrough(sdkV2, scene, provider());
  await client.callTool(whoAmI);
  expect(server.families()).toHaveLength(1);
  expect(server.log().filter(({ grantType }) => grantType === 'refresh_token').length).toBeGreaterThan(0);
  expect(schemes()).toEqual(new Set(['dpop']));
});

test('calls go on with the bound token of the login before, while the next login has another key', async () => {
  const { server, mcp } = await servers('required');
  mcp.behaviour.missingScope = (operation, granted) =>
    operation === 'tools/call admin_only' && !granted.includes('mcp:admin') ? 'mcp:admin' : undefined;
  const authProvider = providers()();
  const client = await connectedThrough(sdkV2, scene, authProvider);
  const transport = new v2.StreamableHTTPClientTransport(mcp.url, { authProvider });
  const stepping = new v2.Client({ name: 'test', version: '1' });
  scene.closeLater(() => stepping.close());
  await stepping.connect(transport);
  await expect(stepping.callTool({ name: 'admin_only', arguments: {} })).rejects.toThrow(
    v2.UnauthorizedError,
  );
  await client.callTool(whoAmI);
  await transport.finishAuth(await authProvider.authorizationCode());
  await stepping.callTool({ name: 'admin_only', arguments: {} });
  await client.callTool(whoAmI);
  expect(server.families()).toHaveLength(2);
  expect(schemes()).toEqual(new Set(['dpop']));
});

test.each(withoutProofs)(
  '$name, which sends no proofs, gets bearer tokens where both are taken',
  async (sdk) => {
    await servers('offered');
    await (await connectedThrough(sdk, scene, providers()())).callTool(whoAmI);
    expect(schemes()).toEqual(new Set(['bearer']));
  },
);

test.each(withoutProofs)(
  '$name, which sends no proofs, is told so where nothing but bound tokens is taken',
  async (sdk) => {
    const { server } = await servers('required');
    await expect(connectedThrough(sdk, scene, providers()())).rejects.toMatchObject({
      code: 'dpop_unsupported',
    });
    expect(server.families()).toEqual([]);
  },
);

test.each(withoutProofs)(
  '$name is told so where the login that is stored has a bound token, and nobody is asked to log in',
  async (sdk) => {
    const { server } = await servers('offered');
    const provider = providers();
    await connectedThrough(sdkV2, scene, provider());
    await expect(connectedThrough(sdk, scene, provider())).rejects.toMatchObject({
      code: 'dpop_unsupported',
    });
    expect(server.families()).toHaveLength(1);
  },
);
