import { afterEach, expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import type { RecordKey, StoredRecord, TokenStore } from '@mcp-oauth/core';
import { expectNoLeaks } from '@mcp-oauth/e2e';
import { initialized, Scene, secretClient } from './scene.js';

let scene: Scene;

afterEach(async () => {
  await scene.close();
});

async function tokenRequestUnderWay(): Promise<void> {
  while (scene.tokenRequests() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('a server that is for machines alone needs neither PKCE nor an authorization endpoint', async () => {
  const metadata = {
    authorization_endpoint: undefined,
    code_challenge_methods_supported: undefined,
    response_types_supported: [],
    grant_types_supported: ['client_credentials'],
  };
  scene = await Scene.start({ metadata });
  const session = scene.session(secretClient(scene.server).settings);
  expect((await initialized(session, scene.mcp.url)).status).toBe(200);
});

test.each(['forgotten', 'revoked', 'invalidated'] as const)(
  'a token that comes after its session was %s is given back, and the next call gets its own',
  async (how) => {
    scene = await Scene.start({ tokenLatencyMs: 300 });
    const oauth = scene.oauth();
    const session = scene.session(secretClient(scene.server).settings, oauth);
    const late = session.accessToken();
    late.catch(() => undefined);
    await tokenRequestUnderWay();
    if (how === 'forgotten') await oauth.forgetOwner();
    else if (how === 'revoked') await session.revoke();
    else await session.invalidate('tokens');
    await expect(late).rejects.toMatchObject({ code: 'transient' });
    expect(scene.server.log().filter(({ endpoint }) => endpoint === 'revoke')).toMatchObject([
      { presented: 'family-1/access-1', outcome: 'ok' },
    ]);
    expect(await session.status()).toMatchObject({ state: 'logged_out' });
  },
);

test('a token that comes late does not take the place of what another process got since', async () => {
  scene = await Scene.start({ tokenLatencyMs: 400 });
  const store = new MemoryTokenStore();
  const { settings } = secretClient(scene.server);
  const session = scene.session(settings, scene.oauth({ store }));
  const late = session.accessToken();
  late.catch(() => undefined);
  await tokenRequestUnderWay();
  await session.invalidate('tokens');
  const other = scene.session(settings, scene.oauth({ store })).accessToken();
  await expect(late).rejects.toMatchObject({ code: 'transient' });
  const token = await other;
  expect(await scene.session(settings, scene.oauth({ store })).accessToken()).toBe(token);
  expect(scene.server.log().find(({ endpoint }) => endpoint === 'revoke')).toMatchObject({
    presented: 'family-1/access-1',
  });
  expect(scene.tokenRequests()).toBe(2);
});

test('a host that closes waits for the token that was asked for, and keeps it', async () => {
  scene = await Scene.start({ tokenLatencyMs: 300 });
  const store = new MemoryTokenStore();
  const { settings } = secretClient(scene.server);
  const oauth = scene.oauth({ store });
  const asking = scene.session(settings, oauth).accessToken();
  asking.catch(() => undefined);
  await tokenRequestUnderWay();
  await oauth.close();
  await expect(asking).rejects.toMatchObject({ code: 'closed' });
  expect(await scene.session(settings, scene.oauth({ store })).accessToken()).toBeTruthy();
  expect(scene.tokenRequests()).toBe(1);
});

/** A store that can be out of reach. */
class Faulty extends MemoryTokenStore implements TokenStore {
  isDown = false;

  override async get(key: RecordKey): Promise<StoredRecord | null> {
    if (this.isDown) throw new Error('out of reach');
    return await super.get(key);
  }
}

test('without its store a machine asks for no token, and goes on with the one it has', async () => {
  scene = await Scene.start();
  const store = new Faulty();
  let aheadMs = 0;
  const { settings } = secretClient(scene.server);
  const session = scene.session(settings, scene.oauth({ store, aheadMs: () => aheadMs }));
  const token = await session.accessToken();
  store.isDown = true;
  aheadMs = 56_000;
  expect(await session.accessToken()).toBe(token);
  aheadMs = 61_000;
  await expect(session.accessToken()).rejects.toMatchObject({ code: 'store_failed' });
  expect(scene.tokenRequests()).toBe(1);
  store.isDown = false;
  expect(await session.accessToken()).not.toBe(token);
});

test('no secret of a machine shows in what it tells', async () => {
  scene = await Scene.start();
  const { settings, client } = secretClient(scene.server);
  const oauth = scene.oauth();
  const session = scene.session(settings, oauth);
  await session.accessToken();
  const other = { ...settings, clientSecret: `${client.clientSecret ?? ''}-and-more` };
  const refusal = await scene
    .session(other, scene.oauth())
    .accessToken()
    .catch((error: unknown) => error);
  expect(refusal).toMatchObject({ error: 'invalid_client' });
  const told = {
    refusal,
    events: scene.events,
    status: await session.status(),
    sessions: await oauth.sessions(),
  };
  expectNoLeaks(told, scene.server.secrets());
});
