import { afterEach, expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import { expectNoLeaks, faults, person, ScriptedBrowser } from '@mcp-oauth/e2e';
import { LoopbackCallbackListener } from '@mcp-oauth/node';
import { exportJWK, generateKeyPair } from 'jose';
import { DEVICE_CODE_GRANT, PersonWithPhone, reach, refusal, Scene } from './scene.js';

let scene: Scene;

afterEach(async () => {
  await scene.close();
});

test('a whole login: registration, code, polls, token, calls and refreshes, and no secret in what is shown', async () => {
  scene = await Scene.start({ accessTokenTtl: 60 });
  const phone = new PersonWithPhone({ user: 'fay' });
  const session = scene.session(phone);
  await session.authorizeDevice();
  expect((await reach(session)).status).toBe(200);
  expect(scene.server.families()).toMatchObject([
    { subject: 'fay', scope: 'mcp:tools', resource: scene.mcp.url.href },
  ]);
  const { register, device_authorization, authorize } = scene.server.counts();
  expect({ register, device_authorization, authorize }).toEqual({
    register: 1,
    device_authorization: 1,
    authorize: 0,
  });
  const registration = scene.server.log().find(({ endpoint }) => endpoint === 'register');
  expect(registration?.clientMetadata).toMatchObject({
    grant_types: ['authorization_code', 'refresh_token', DEVICE_CODE_GRANT],
  });
  for (const entry of scene.server.log()) {
    if (entry.endpoint !== 'token' && entry.endpoint !== 'device_authorization') continue;
    expect(entry).toMatchObject({ clientAuthentication: 'none', resource: scene.mcp.url.href });
  }

  scene.server.expireAccessTokens();
  expect((await reach(session)).status).toBe(200);
  expect(scene.server.refreshesPerExpiry()).toEqual([{ family: 'family-1', generation: 1, refreshes: 1 }]);
  expectNoLeaks(
    { events: scene.events, codes: phone.shown, session, status: await session.status() },
    scene.server.secrets(),
  );
});

test('one registration serves the browser of one process and the code of another', async () => {
  scene = await Scene.start();
  const store = new MemoryTokenStore();
  const browser = new ScriptedBrowser();
  const withBrowser = { store, browser, callbackListener: new LoopbackCallbackListener() };
  await scene.session(undefined, withBrowser).authorize();
  const oauth = scene.oauth(new PersonWithPhone(), { store });
  await oauth.session({ resource: scene.mcp.url, profile: 'work' }).authorize();
  expect(browser.opened).toHaveLength(1);
  expect(scene.server.counts()).toMatchObject({ register: 1, authorize: 1, device_authorization: 1 });
  const [first, second] = scene.server.families();
  expect(second?.clientId).toBe(first?.clientId);
});

test('a person who declines ends it, and the next login is free to succeed', async () => {
  scene = await Scene.start();
  const session = scene.session(new PersonWithPhone({ decision: 'deny' }));
  const error = await refusal(session.authorizeDevice());
  expect(error).toMatchObject({ code: 'authorization_denied', error: 'access_denied' });
  expect(await session.status()).toMatchObject({ state: 'logged_out' });
  await session.authorizeDevice({
    onUserCode: ({ verificationUriComplete }) => person.approveDevice(verificationUriComplete ?? ''),
  });
  await session.accessToken();
  expectNoLeaks({ error, events: scene.events }, scene.server.secrets());
});

test('a code that nobody used ends in time, with a new one for the next login', async () => {
  scene = await Scene.start({ deviceCodeTtl: 2.5 });
  const phone = new PersonWithPhone('does nothing');
  const session = scene.session(phone);
  const error = await refusal(session.authorizeDevice());
  expect(error).toMatchObject({ code: 'authorization_timeout' });
  expect(phone.signals[0]?.aborted).toBe(true);
  expect(await session.status()).toMatchObject({ state: 'logged_out' });
  expect(await refusal(session.authorizeDevice())).toMatchObject({ code: 'authorization_timeout' });
  expect(new Set(phone.shown.map(({ userCode }) => userCode)).size).toBe(2);
  expectNoLeaks({ error, codes: phone.shown, events: scene.events }, scene.server.secrets());
});

test('A66: who is told to slow down waits 5 s longer, for this poll and all later ones', async () => {
  scene = await Scene.start();
  scene.server.fail('token', faults.oauthError('slow_down'), faults.oauthError('authorization_pending'));
  await scene.session(new PersonWithPhone()).authorizeDevice();
  const [announced] = scene.server.log().filter(({ endpoint }) => endpoint === 'device_authorization');
  const times = [announced, ...scene.polls()].map((entry) => entry?.at ?? 0);
  const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  expect(pauses).toHaveLength(3);
  for (const [index, atLeast] of [900, 5_900, 5_900].entries())
    expect(pauses[index]).toBeGreaterThanOrEqual(atLeast);
}, 30_000);

test('the network may fail for a while, and the login goes on', async () => {
  scene = await Scene.start();
  scene.server.fail('token', faults.reset(), faults.unavailableHtml(), faults.pass());
  const session = scene.session(new PersonWithPhone());
  await session.authorizeDevice();
  expect(scene.polls().map(({ fault, outcome }) => fault ?? outcome)).toEqual(['reset', 'respond', 'ok']);
  const [first, second, third] = scene.polls().map(({ at }) => at);
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(1_900);
  expect((third ?? 0) - (second ?? 0)).toBeGreaterThanOrEqual(3_900);
  await session.accessToken();
}, 30_000);

test('tokens whose answer was lost on the way are lost: the login says so and does not go on for ever', async () => {
  scene = await Scene.start();
  scene.server.fail('token', faults.processThenDrop());
  // The person is faster than the first poll, so that it is the one that would have brought the tokens.
  const session = scene.session(new PersonWithPhone());
  const error = await refusal(session.authorizeDevice());
  expect(error).toMatchObject({ code: 'token_request_failed', error: 'invalid_grant' });
  expectNoLeaks({ error, events: scene.events }, scene.server.secrets());
});

test.each<readonly [string, Readonly<Record<string, unknown>>, string]>([
  ['an address that runs a script', { verification_uri: 'javascript:alert(1)' }, 'unsafe_url'],
  ['a complete address in plain http', { verification_uri_complete: 'http://as.example/d?c' }, 'unsafe_url'],
  ['a code that clears the terminal', { user_code: 'WDJB\x1b[2J' }, 'token_request_failed'],
  ['a code of 10 kB', { user_code: 'X'.repeat(10_240) }, 'token_request_failed'],
  ['no device code', { device_code: undefined }, 'token_request_failed'],
])('A66: %s is shown to nobody and never polled', async (_, members, code) => {
  scene = await Scene.start();
  scene.server.behaviour.deviceResponse = (response) => ({ ...response, ...members });
  const phone = new PersonWithPhone();
  const session = scene.session(phone);
  const error = await refusal(session.authorizeDevice());
  expect(error).toMatchObject({ code });
  expect(phone.shown).toEqual([]);
  expect(scene.polls()).toEqual([]);
  expectNoLeaks({ error, events: scene.events }, scene.server.secrets());
});

test.each([
  ['an interval of 0 and no lifetime', { interval: 0, expires_in: undefined }],
  ['an interval and a lifetime that are no numbers', { interval: 'x', expires_in: 'y' }],
])(
  'A66: with %s the login keeps to the defaults',
  async (_, members) => {
    scene = await Scene.start();
    scene.server.behaviour.deviceResponse = (response) => ({ ...response, ...members });
    const phone = new PersonWithPhone();
    const before = Date.now();
    await scene.session(phone).authorizeDevice();
    expect(Date.now() - before).toBeGreaterThanOrEqual(4_900);
    expect((phone.shown[0]?.expiresAt.getTime() ?? 0) - before).toBeGreaterThan(14 * 60_000);
    expect(scene.polls()).toHaveLength(1);
  },
  30_000,
);

test.each(['client_secret_basic', 'client_secret_post'] as const)(
  'a client that was registered by hand proves itself by %s at both endpoints',
  async (method) => {
    scene = await Scene.start({ registration: false });
    const { clientId, clientSecret = '' } = scene.server.addClient({
      redirectUris: ['http://localhost:9876/callback'],
      authenticationMethod: method,
      grantTypes: [DEVICE_CODE_GRANT, 'refresh_token'],
    });
    const settings = { clientId, clientSecret, tokenEndpointAuthMethod: method };
    const oauth = scene.oauth(new PersonWithPhone());
    const session = oauth.session({ resource: scene.mcp.url }, settings);
    await session.authorizeDevice();
    expect((await reach(session)).status).toBe(200);
    const entries = scene.server.log().filter(({ clientAuthentication }) => clientAuthentication);
    expect(entries.map(({ endpoint }) => endpoint)).toEqual(['device_authorization', 'token']);
    for (const entry of entries) expect(entry).toMatchObject({ clientAuthentication: method, clientId });
  },
);

test('a client with a key proves itself by assertions, each of them another one', async () => {
  scene = await Scene.start({ registration: false });
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const { clientId } = scene.server.addClient({
    redirectUris: ['http://localhost:9876/callback'],
    authenticationMethod: 'private_key_jwt',
    grantTypes: [DEVICE_CODE_GRANT, 'refresh_token'],
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] },
  });
  const settings = { clientId, privateKey: { key: await exportJWK(privateKey), kid: 'k1', alg: 'ES256' } };
  const session = scene.oauth(new PersonWithPhone()).session({ resource: scene.mcp.url }, settings);
  scene.server.fail('token', faults.oauthError('authorization_pending'));
  await session.authorizeDevice();
  expect((await reach(session)).status).toBe(200);
  const methods = scene.server.log().flatMap(({ clientAuthentication }) => clientAuthentication ?? []);
  // The first poll met the fault before the server looked at who sent it.
  expect(methods).toEqual(['private_key_jwt', 'private_key_jwt']);
});

test('revoking ends the login at the server too', async () => {
  scene = await Scene.start();
  const session = scene.session(new PersonWithPhone());
  await session.authorizeDevice();
  await session.revoke();
  expect(scene.server.families()).toMatchObject([{ revoked: 'revocation' }]);
});
