import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { OAuthSession } from '@mcp-oauth/core';
import { DesktopScene } from '../desktop-scene.js';
import { supportedSdks } from './support/supported-sdks.js';
import type { SdkClient, SupportedSdk } from './support/supported-sdks.js';

const CALLS = 20;
let scene: DesktopScene;

beforeEach(async () => {
  scene = await DesktopScene.start({ server: { accessTokenTtl: 2 } });
});

afterEach(async () => {
  await scene.close();
});

/** A person has just logged in. */
async function loggedIn(): Promise<OAuthSession> {
  const session = scene.oauth().session({ resource: scene.mcp.url });
  await session.authorize();
  return session;
}

async function connected(sdk: SupportedSdk, session: OAuthSession): Promise<SdkClient> {
  const client = sdk.newClient();
  scene.closeLater(() => client.close());
  await client.connect(new sdk.Http(scene.mcp.url, { fetch: session.fetch }));
  return client;
}

async function refusedCalls(client: SdkClient): Promise<readonly unknown[]> {
  const call = () => client.callTool({ name: 'whoami', arguments: {} });
  const answers = await Promise.allSettled(Array.from({ length: CALLS }, call));
  return answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
}

describe.each(supportedSdks)('SDK $version', (sdk) => {
  test('20 parallel calls on an expired token cost 1 refresh and none fails', async () => {
    const client = await connected(sdk, await loggedIn());
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    scene.server.behaviour.accessTokenTtl = 60;
    scene.server.behaviour.tokenLatencyMs = 50;
    scene.server.clearLog();
    expect(await refusedCalls(client)).toEqual([]);
    expect(scene.server.counts().token).toBe(1);
    expect(scene.server.families()).toMatchObject([{ revoked: undefined, maxInFlight: 1 }]);
  });

  test('20 parallel calls whose token the server refuses cost 1 refresh and none fails', async () => {
    scene.server.behaviour.accessTokenTtl = 60;
    const client = await connected(sdk, await loggedIn());
    scene.server.expireAccessTokens();
    scene.server.clearLog();
    expect(await refusedCalls(client)).toEqual([]);
    expect(scene.server.counts().token).toBe(1);
    expect(scene.server.families()).toMatchObject([{ revoked: undefined, maxInFlight: 1 }]);
  });
});
