import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, SessionSettings } from '@mcp-oauth/core';
import { CredentialsRenewedError, SessionOAuthProvider } from '@mcp-oauth/transport-factory';
import { DesktopScene } from '../desktop-scene.js';
import { connectedThrough, providerSdks } from './support/provider-sdks.js';

let scene: DesktopScene;

beforeEach(async () => {
  scene = await DesktopScene.start();
});

afterEach(async () => {
  await scene.close();
});

function provider(settings: SessionSettings = {}, browser: Browser = scene.browser): SessionOAuthProvider {
  const oauth = scene.oauth({ browser });
  const session = oauth.session({ resource: scene.mcp.url }, settings);
  return new SessionOAuthProvider({ session, client: oauth.clientMetadata });
}

function machine(): SessionOAuthProvider {
  const { clientId, clientSecret } = scene.server.addClient({
    redirectUris: [],
    authenticationMethod: 'client_secret_basic',
    grantTypes: ['client_credentials'],
  });
  return provider({ clientId, clientSecret, grant: { type: 'client_credentials' } });
}

/** A host that repeats its call as long as it is told to, and what it was told last. */
async function insisted(call: () => Promise<unknown>): Promise<unknown> {
  for (const until = Date.now() + 8_000; Date.now() < until;) {
    try {
      await call();
      return undefined;
    } catch (error) {
      if (!(error instanceof CredentialsRenewedError)) return error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error('The host was told to repeat its call for 8 s.');
}

describe.each(providerSdks)('$name', (sdk) => {
  test('a server that refuses every token costs authProvider one renewal, and then a login is asked for', async () => {
    const client = await connectedThrough(sdk, scene, provider());
    scene.mcp.behaviour.refuse = 'everything';
    scene.server.clearLog();
    expect(await insisted(() => client.callTool({ name: 'whoami', arguments: {} }))).toBeInstanceOf(
      sdk.UnauthorizedError,
    );
    expect(scene.server.counts().token).toBe(1);
    expect(scene.browser.opened).toHaveLength(2);
  });

  test('A38: a host that finishes every login which authProvider asks for is shown one more page, and told to wait', async () => {
    const authProvider = provider();
    await connectedThrough(sdk, scene, authProvider);
    scene.mcp.behaviour.refuse = 'everything';
    const told: unknown[] = [];
    for (let turns = 0; turns < 4; turns++)
      told.push(await insisted(() => connectedThrough(sdk, scene, authProvider)));
    expect(told.at(-1)).toMatchObject({ code: 'transient' });
    expect(scene.browser.opened).toHaveLength(2);
  });

  test('A42: a login that forged answers have ended is in nobody’s way', async () => {
    const opened: URL[] = [];
    const forge = async (url: URL): Promise<void> => {
      const answer = new URL(url.searchParams.get('redirect_uri') ?? '');
      answer.searchParams.set('state', url.searchParams.get('state') ?? '');
      answer.searchParams.set('code', 'forged');
      answer.searchParams.set('iss', 'https://evil.example');
      for (let answers = 0; answers <= 100; answers++) await (await fetch(answer)).text();
    };
    const open = async (url: URL) => {
      if (opened.push(url) > 1) return await scene.browser.open(url);
      // Whoever shows the page does not wait for what comes of it.
      void forge(url).catch(() => undefined);
      return { opened: true as const };
    };
    const authProvider = provider({}, { open });
    const transport = new sdk.Http(scene.mcp.url, { authProvider });
    const client = new sdk.Client({ name: 'test', version: '1' });
    scene.closeLater(() => client.close());
    await expect(client.connect(transport as never)).rejects.toBeInstanceOf(sdk.UnauthorizedError);
    await expect(authProvider.authorizationCode()).rejects.toMatchObject({ reason: 'iss_mismatch' });
    await connectedThrough(sdk, scene, authProvider);
    expect(new Set(opened.map(({ searchParams }) => searchParams.get('state'))).size).toBe(2);
  });

  test('a machine needs no page through authProvider, and new tokens come unasked', async () => {
    const client = await connectedThrough(sdk, scene, machine());
    scene.mcp.revokeAllTokens();
    expect(await insisted(() => client.callTool({ name: 'whoami', arguments: {} }))).toBeUndefined();
    expect(scene.server.counts()).toMatchObject({ token: 2, authorize: 0 });
    expect(scene.browser.opened).toHaveLength(0);
  });

  test('a machine gets the scopes that a call lacks through authProvider, without a page', async () => {
    const client = await connectedThrough(sdk, scene, machine());
    expect(await insisted(() => client.callTool({ name: 'admin_only', arguments: {} }))).toBeUndefined();
    expect(scene.server.counts()).toMatchObject({ token: 2, authorize: 0 });
  });

  test('a machine whose every token is refused is told so, and nobody is sent to a page', async () => {
    const client = await connectedThrough(sdk, scene, machine());
    scene.mcp.behaviour.refuse = 'everything';
    scene.server.clearLog();
    expect(await insisted(() => client.callTool({ name: 'whoami', arguments: {} }))).toMatchObject({
      code: 'authorization_required',
      reason: 'token_refused',
    });
    expect(scene.server.counts()).toMatchObject({ token: 1, authorize: 0 });
  });
});
