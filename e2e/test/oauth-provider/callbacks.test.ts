import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { faults, person } from '@mcp-oauth/e2e';
import { createTransportFactory } from '@mcp-oauth/transport-factory';
import type { HttpServerConfig, ProviderAddress, SessionOAuthProvider } from '@mcp-oauth/transport-factory';
import { DesktopScene } from '../desktop-scene.js';
import { providerSdks } from './support/provider-sdks.js';
import type { ProviderSdk } from './support/provider-sdks.js';

const { now } = performance;
const REDIRECT_URL = 'http://localhost:9876/callback';

let scene: DesktopScene;
let providerOf: (address: ProviderAddress<'single'>, config?: HttpServerConfig) => SessionOAuthProvider;

beforeEach(async () => {
  scene = await DesktopScene.start();
  const factory = createTransportFactory({ oauth: scene.unattended() });
  providerOf = (address, config = { url: scene.mcp.url.href }) => factory.getOAuthProvider(config, address);
});

afterEach(async () => {
  performance.now = now;
  await scene.close();
});

/** A host whose own page the person comes back to. */
function hosted(profile = 'default') {
  const shown: URL[] = [];
  const onRedirect = (url: URL): void => void shown.push(url);
  const provider = providerOf({ profile, redirectUrl: REDIRECT_URL, onRedirect });
  return { provider, shown, back: async () => await person.consent(shown.at(-1) ?? '') };
}

async function refusedAt(sdk: ProviderSdk, authProvider: SessionOAuthProvider) {
  const transport = new sdk.Http(scene.mcp.url, { authProvider });
  const client = new sdk.Client({ name: 'test', version: '1' });
  scene.closeLater(() => client.close());
  await expect(client.connect(transport as never)).rejects.toThrow();
  return transport;
}

const reasonOf = async (promise: Promise<unknown>): Promise<unknown> =>
  await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );

describe.each(providerSdks)('$name', (sdk) => {
  test.each(['//[', 'http://[', '//localhost:port'])(
    'A42: a callback at %j, which is no address, is refused without repeating it, and the honest login completes',
    async (garbage) => {
      const { provider, back } = hosted();
      const transport = await refusedAt(sdk, provider);
      const reason = await reasonOf(provider.authorizationCode(`${garbage}/callback?code=secret-code`));
      expect(reason).toMatchObject({ code: 'callback_rejected' });
      expect(inspect(reason)).not.toContain('secret-code');
      await transport.finishAuth(await provider.authorizationCode(await back()));
      expect(await provider.tokens()).toBeDefined();
    },
  );

  test('A61: the callback of one login ends no other, and both complete', async () => {
    const [one, other] = [hosted('one'), hosted('other')];
    const transport = await refusedAt(sdk, one.provider);
    const otherTransport = await refusedAt(sdk, other.provider);
    const callback = await one.back();
    expect(await reasonOf(other.provider.authorizationCode(callback))).toMatchObject({
      code: 'callback_rejected',
      reason: 'state_mismatch',
    });
    await transport.finishAuth(await one.provider.authorizationCode(callback));
    await otherTransport.finishAuth(await other.provider.authorizationCode(await other.back()));
    expect(scene.server.families()).toHaveLength(2);
  });

  test('a code that is finished twice at once is sent once, and the login stays', async () => {
    const { provider, back } = hosted();
    const transport = await refusedAt(sdk, provider);
    const code = await provider.authorizationCode(await back());
    const ends = await Promise.allSettled([transport.finishAuth(code), transport.finishAuth(code)]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(scene.server.counts().token).toBe(1);
    expect(await provider.tokens()).toBeDefined();
  });

  test('a code can be finished by another transport, where the one that asked was closed meanwhile', async () => {
    const { provider, back } = hosted();
    await (await refusedAt(sdk, provider)).close();
    const code = await provider.authorizationCode(await back());
    await new sdk.Http(scene.mcp.url, { authProvider: provider }).finishAuth(code);
    expect(await provider.tokens()).toBeDefined();
  });

  test('a login is shown by the function that was given last, as each request of a web host has its own', async () => {
    const [first, second]: [URL[], URL[]] = [[], []];
    const given = (shown: URL[]): SessionOAuthProvider =>
      providerOf({ redirectUrl: REDIRECT_URL, onRedirect: (url) => void shown.push(url) });
    given(first);
    await refusedAt(sdk, given(second));
    expect([first.length, second.length]).toEqual([0, 1]);
  });

  test('what the host says last counts for its next login, and what it leaves out stays', async () => {
    const { shown } = hosted();
    const redirectUrl = 'https://host.example/callback';
    const config = {
      url: scene.mcp.url.href,
      auth: { type: 'oauth' as const, oauth21: { scopes: ['mcp:admin'] } },
    };
    providerOf({ redirectUrl }, config);
    await refusedAt(sdk, providerOf({}, config));
    expect(Object.fromEntries(shown[0]?.searchParams ?? [])).toMatchObject({
      redirect_uri: redirectUrl,
      scope: 'mcp:admin',
    });
  });

  test('a login whose code could not be exchanged is followed by a new one', async () => {
    const { provider, shown, back } = hosted();
    const transport = await refusedAt(sdk, provider);
    const code = await provider.authorizationCode(await back());
    scene.server.fail('token', faults.respond(503));
    await expect(transport.finishAuth(code)).rejects.toThrow();
    performance.now = () => now.call(performance) + 61_000;
    const again = await refusedAt(sdk, provider);
    expect(new Set(shown.map(({ searchParams }) => searchParams.get('state'))).size).toBe(2);
    await again.finishAuth(await provider.authorizationCode(await back()));
    expect(await provider.tokens()).toBeDefined();
  });
});
