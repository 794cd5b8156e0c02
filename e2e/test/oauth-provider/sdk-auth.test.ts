import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SessionOAuthProvider } from '@mcp-oauth/transport-factory';
import { DesktopScene } from '../desktop-scene.js';
import { connectedThrough, providerSdks } from './support/provider-sdks.js';
import type { ProviderClient } from './support/provider-sdks.js';

let scene: DesktopScene;

beforeEach(async () => {
  scene = await DesktopScene.start({ server: { accessTokenTtl: 60 } });
});

afterEach(async () => {
  await scene.close();
});

function provider(): SessionOAuthProvider {
  return new SessionOAuthProvider({
    session: scene.oauth().session({ resource: scene.mcp.url }),
    client: { client_name: 'Test host' },
  });
}

const call = (client: ProviderClient) => client.callTool({ name: 'whoami', arguments: {} });

describe.each(providerSdks)('$name', (sdk) => {
  test('a login through authProvider completes with one registration, one tab and one code', async () => {
    const client = await connectedThrough(sdk, scene, provider());
    expect(JSON.stringify(await call(client))).toContain('alice');
    expect(scene.browser.opened).toHaveLength(1);
    expect(scene.server.counts()).toMatchObject({ register: 1, token: 1 });
  });

  test('a known expiry is renewed by 1 refresh for 20 calls through authProvider', async () => {
    scene.server.behaviour.accessTokenTtl = 2;
    const client = await connectedThrough(sdk, scene, provider());
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    scene.server.behaviour.accessTokenTtl = 60;
    scene.server.clearLog();
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => call(client)));
    expect(answers.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(scene.server.counts().token).toBe(1);
    expect(scene.browser.opened).toHaveLength(1);
  });

  test('an unexpected 401 for 20 calls costs 1 refresh and no browser, and the calls work when repeated', async () => {
    const client = await connectedThrough(sdk, scene, provider());
    scene.mcp.revokeAllTokens();
    scene.server.clearLog();
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => call(client)));
    for (const answer of answers) {
      if (answer.status === 'rejected')
        expect(answer.reason).toMatchObject({ name: 'UnauthorizedError', code: 'transient' });
    }
    const again = await Promise.allSettled(Array.from({ length: 20 }, () => call(client)));
    expect(again.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(scene.server.counts().token).toBe(1);
    expect(scene.server.families().map(({ revoked }) => revoked)).toEqual([undefined]);
    expect(scene.browser.opened).toHaveLength(1);
  });
});
