import { afterEach, expect, test } from '@jest/globals';
import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import type { OAuthSession, SessionSettings, TokenStore } from '@mcp-oauth/core';
import { expectNoLeaks, faults, freeRedirectUri, ScriptedBrowser } from '@mcp-oauth/e2e';
import type { ClientOptions } from '@mcp-oauth/e2e';
import { LoopbackCallbackListener } from '@mcp-oauth/node';
import { newKey, Scene } from './scene.js';
import type { TestKey } from './scene.js';

let scene: Scene;

afterEach(async () => {
  await scene.close();
});

type Method = NonNullable<ClientOptions['authenticationMethod']>;
const methods: readonly Method[] = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'];

interface Person {
  readonly session: OAuthSession;
  readonly store: TokenStore;
  readonly settings: SessionSettings;
  readonly key: TestKey | undefined;
}

/** A person who has logged in, with a client that was registered by hand for this method. */
async function loggedIn(method: Method, aheadMs = () => 0): Promise<Person> {
  const key = method === 'private_key_jwt' ? await newKey() : undefined;
  const redirectUri = await freeRedirectUri();
  const client = scene.server.addClient({
    redirectUris: [redirectUri],
    authenticationMethod: method,
    ...(key ? { jwks: key.jwks } : {}),
  });
  const settings: SessionSettings = {
    clientId: client.clientId,
    callbackPort: Number(new URL(redirectUri).port),
    clientSecret: client.clientSecret,
    privateKey: key?.privateKey,
    // A key alone says which method it is.
    tokenEndpointAuthMethod: key ? undefined : method,
  };
  const store = new MemoryTokenStore();
  const oauth = createOAuthClient({
    store,
    client: { client_name: 'Host' },
    browser: new ScriptedBrowser(),
    callbackListener: new LoopbackCallbackListener(),
    now: () => Date.now() + aheadMs(),
    onEvent: (event) => void scene.events.push(event),
  });
  scene.closeLater(() => oauth.close());
  const session = oauth.session({ resource: scene.mcp.url }, settings);
  await session.authorize();
  return { session, store, settings, key };
}

test.each(methods)(
  'a client of %s logs in, refreshes and revokes both tokens, each proven',
  async (method) => {
    scene = await Scene.start({ accessTokenTtl: 60 });
    let aheadMs = 0;
    const { session } = await loggedIn(method, () => aheadMs);
    aheadMs = 61_000;
    await session.accessToken();
    expect(await session.revoke()).toEqual({ refresh_token: 'revoked', access_token: 'revoked' });
    const proven = scene.server.log().filter(({ endpoint }) => endpoint === 'token' || endpoint === 'revoke');
    expect(proven.map(({ clientAuthentication, outcome }) => [clientAuthentication, outcome])).toEqual(
      Array.from({ length: 4 }, () => [method, 'ok']),
    );
    expect(scene.server.families()).toMatchObject([{ revoked: 'revocation' }]);
    await expect(session.accessToken()).rejects.toMatchObject({ reason: 'no_grant' });
  },
);

test('where the revocation endpoint takes a secret in another way, it is shown in that way', async () => {
  scene = await Scene.start({
    metadata: { revocation_endpoint_auth_methods_supported: ['client_secret_post'] },
  });
  const { session } = await loggedIn('client_secret_basic');
  // The strict server refuses what the client isn't registered for: what counts is what was sent.
  expect(await session.revoke()).toEqual({ refresh_token: 'failed', access_token: 'failed' });
  const revocations = scene.server.log().filter(({ endpoint }) => endpoint === 'revoke');
  expect(revocations.map(({ clientAuthentication }) => clientAuthentication)).toEqual([
    'client_secret_post',
    'client_secret_post',
  ]);
});

test.each([
  ['invalid_client with 401', faults.json(401, { error: 'invalid_client' }), 'failed'],
  ['invalid_client with 400', faults.json(400, { error: 'invalid_client' }), 'failed'],
  ['unsupported_token_type', faults.json(400, { error: 'unsupported_token_type' }), 'unsupported'],
  ['a page', faults.unavailableHtml(), 'failed'],
  ['a broken connection', faults.reset(), 'failed'],
])(
  'a server that answers a revocation with %s is reported, and the login is gone here',
  async (_, fault, told) => {
    scene = await Scene.start();
    const { session } = await loggedIn('client_secret_basic');
    scene.server.failAlways('revoke', fault);
    expect(await session.revoke()).toEqual({ refresh_token: told, access_token: told });
    expect(await session.status()).toMatchObject({ state: 'logged_out' });
    expect(scene.events.at(-1)).toMatchObject({ type: 'revoked', refresh_token: told });
  },
);

test('a key that is missing here is named at the refresh, loses no grant, and is enough for nobody to be kept', async () => {
  scene = await Scene.start({ accessTokenTtl: 60 });
  const { settings, store, key } = await loggedIn('private_key_jwt');
  const aheadMs = (): number => 61_000;
  const oauth = scene.oauth({ store, aheadMs });
  const { clientId } = settings;
  const keyless = oauth.session({ resource: scene.mcp.url }, { clientId });
  const error = await keyless.accessToken().catch((failure: unknown) => failure);
  expect(error).toMatchObject({ code: 'invalid_config' });
  expect(String(error)).toContain(clientId);
  expect(String(error)).toContain(scene.server.issuer);
  expect(await keyless.status()).toMatchObject({ state: 'logged_in' });
  expect(scene.tokenRequests('refresh_token')).toBe(0);
  // The same record, where the key is known: nothing was lost.
  const other = scene.oauth({ store, aheadMs }).session({ resource: scene.mcp.url }, settings);
  expect(await other.accessToken()).toBeTruthy();
  expect(await keyless.revoke()).toEqual({ refresh_token: 'failed', access_token: 'failed' });
  expect(await keyless.status()).toMatchObject({ state: 'logged_out' });
  expectNoLeaks({ error, events: scene.events }, [key!.secret, ...scene.server.secrets()]);
});

test('forgetting an owner proves the client by the key of its sessions', async () => {
  scene = await Scene.start();
  const { settings, store } = await loggedIn('private_key_jwt');
  const oauth = scene.oauth({ store });
  oauth.session({ resource: scene.mcp.url }, settings);
  expect(await oauth.forgetOwner()).toMatchObject([{ refresh_token: 'revoked', access_token: 'revoked' }]);
  expect(scene.server.families()).toMatchObject([{ revoked: 'revocation' }]);
});

test('no private key is ever in the store', async () => {
  scene = await Scene.start();
  const { store, key } = await loggedIn('private_key_jwt');
  const oauth = scene.oauth({ store });
  const partitions = await oauth.partitions();
  const records = await Promise.all(partitions.map((partition) => store.list(partition)));
  const texts = records.flat().map(({ value }) => new TextDecoder().decode(value));
  expect(texts.some((text) => text.includes('private_key_jwt'))).toBe(true);
  expect(texts.filter((text) => text.includes(key!.secret))).toEqual([]);
});
