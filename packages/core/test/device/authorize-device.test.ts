import { expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import type { UserCode } from '@mcp-oauth/core';
import {
  collected,
  DEVICE_CODE,
  DeviceServer,
  failure,
  ISSUER,
  KeptPrompt,
  RESOURCE,
} from './device-server.js';

test('shows the code once, waits, and keeps what the person granted, for the client that browsers use too', async () => {
  const server = new DeviceServer();
  server.onPoll = (count) => (count < 2 ? server.refusal('authorization_pending') : server.tokens());
  const { events, onEvent } = collected();
  const session = server.client({ onEvent }).session({ resource: RESOURCE });
  const shown: UserCode[] = [];
  const signals: AbortSignal[] = [];
  await session.authorizeDevice({
    onUserCode: (code, { signal }) => {
      shown.push(code);
      signals.push(signal);
    },
  });

  expect(shown).toMatchObject([{ resource: RESOURCE, issuer: ISSUER, userCode: 'WDJB-MJHT' }]);
  expect(shown[0]?.verificationUriComplete?.href).toBe(`${ISSUER}/device?user_code=WDJB-MJHT`);
  const lifetimeMs = (shown[0]?.expiresAt.getTime() ?? 0) - Date.now();
  expect(lifetimeMs).toBeGreaterThan(500_000);
  expect(lifetimeMs).toBeLessThanOrEqual(600_000);
  expect(signals[0]?.aborted).toBe(true);
  expect(await session.accessToken()).toBe('access-1');
  expect(events.map(({ type }) => type)).toEqual([
    'client_registered',
    'authorization_begun',
    'authorization_completed',
  ]);
  const [registration] = server.sent.filter(({ path }) => path === '/register');
  expect(registration?.body).toMatchObject({
    application_type: 'native',
    grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    redirect_uris: Array.from({ length: 5 }, (_, i) => `http://localhost:${String(9876 + i)}/callback`),
  });
  expect(Object.fromEntries(server.forms('/device_authorization')[0] ?? [])).toEqual({
    client_id: 'client-1',
    scope: 'read',
    resource: RESOURCE,
  });
  expect(server.polls.map((poll) => Object.fromEntries(poll))).toEqual(
    Array.from({ length: 2 }, () => ({
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      client_id: 'client-1',
      device_code: DEVICE_CODE,
      resource: RESOURCE,
    })),
  );
});

test('where a good login is there, nobody is asked', async () => {
  const server = new DeviceServer();
  const session = server.client({ devicePrompt: new KeptPrompt() }).session({ resource: RESOURCE });
  await session.authorizeDevice();
  await session.authorizeDevice();
  await session.authorize();
  expect(server.count('/device_authorization')).toBe(1);
});

test('twenty calls at once show one code', async () => {
  const server = new DeviceServer();
  const prompt = new KeptPrompt();
  const oauth = server.client({ devicePrompt: prompt });
  await Promise.all(
    Array.from({ length: 20 }, () => oauth.session({ resource: RESOURCE }).authorizeDevice()),
  );
  expect(prompt.shown).toHaveLength(1);
  expect(server.polls).toHaveLength(1);
});

test('a host that can show no code is told so before anything is sent, and one whose prompt nobody sees when it matters', async () => {
  const server = new DeviceServer();
  const without = server.client().session({ resource: RESOURCE });
  expect(await failure(without.authorizeDevice())).toMatchObject({ code: 'invalid_config' });
  expect(server.sent).toHaveLength(0);
  const prompt = new KeptPrompt();
  prompt.available = false;
  const unseen = server.client({ devicePrompt: prompt }).session({ resource: RESOURCE });
  expect(await failure(unseen.authorizeDevice())).toMatchObject({ code: 'browser_failed' });
  expect(server.count('/device_authorization')).toBe(0);
  await unseen.authorizeDevice({ onUserCode: () => undefined });
});

test('a session of a machine has no person to show a code to', async () => {
  const server = new DeviceServer();
  const settings = { clientId: 'machine', clientSecret: 's', grant: { type: 'client_credentials' } } as const;
  const session = server.client({ devicePrompt: new KeptPrompt() }).session({ resource: RESOURCE }, settings);
  expect(await failure(session.authorizeDevice())).toMatchObject({ code: 'invalid_config' });
});

test('a server without device authorization is named, with what to do', async () => {
  const server = new DeviceServer();
  server.metadata = { device_authorization_endpoint: undefined };
  const session = server.client({ devicePrompt: new KeptPrompt() }).session({ resource: RESOURCE });
  const error = await failure(session.authorizeDevice());
  expect(error).toMatchObject({ code: 'discovery_failed', resource: RESOURCE });
  expect(error.message).toContain(
    `${ISSUER} has no device authorization (RFC 8628). Log in with a browser, by authorize()`,
  );
  expect(server.count('/register')).toBe(0);
});

test('a server that has nothing but device authorization will do', async () => {
  const server = new DeviceServer();
  server.metadata = {
    authorization_endpoint: undefined,
    code_challenge_methods_supported: undefined,
    response_types_supported: [],
  };
  const session = server.client({ devicePrompt: new KeptPrompt() }).session({ resource: RESOURCE });
  await session.authorizeDevice();
  expect(await session.accessToken()).toBe('access-1');
});

test('A03: an endpoint that must not be used gets nothing', async () => {
  const server = new DeviceServer();
  server.metadata = { device_authorization_endpoint: 'http://as.example/device_authorization' };
  const session = server.client({ devicePrompt: new KeptPrompt() }).session({ resource: RESOURCE });
  expect(await failure(session.authorizeDevice())).toMatchObject({
    code: 'unsafe_url',
    field: 'device_authorization_endpoint',
  });
  expect(server.count('/device_authorization')).toBe(0);
});

test('a client that the server forgot is registered anew, once, and the login goes on', async () => {
  const server = new DeviceServer();
  const store = new MemoryTokenStore();
  const prompt = new KeptPrompt();
  await server.client({ store, devicePrompt: prompt }).session({ resource: RESOURCE }).authorizeDevice();
  server.onDeviceAuthorization = (body) =>
    body.get('client_id') === 'client-1' ? server.refusal('invalid_client', 401) : server.deviceAnswer();
  const other = server
    .client({ store, devicePrompt: prompt })
    .session({ resource: RESOURCE, profile: 'work' });
  await other.authorizeDevice();
  expect(server.count('/register')).toBe(2);
  expect(server.polls.at(-1)?.get('client_id')).toBe('client-2');

  server.onDeviceAuthorization = () => server.refusal('invalid_client', 401);
  const third = server.client({ devicePrompt: prompt }).session({ resource: RESOURCE });
  expect(await failure(third.authorizeDevice())).toMatchObject({
    code: 'token_request_failed',
    error: 'invalid_client',
  });
  expect(server.count('/register')).toBe(3);
});

test('a client that is not registered for it is told what to do', async () => {
  const server = new DeviceServer();
  server.onDeviceAuthorization = () => server.refusal('unauthorized_client');
  const session = server
    .client({ devicePrompt: new KeptPrompt() })
    .session({ resource: RESOURCE }, { clientId: 'mine' });
  const error = await failure(session.authorizeDevice());
  expect(error).toMatchObject({ code: 'token_request_failed', error: 'unauthorized_client', status: 400 });
  expect(error.message).toBe(
    `The device authorization endpoint of ${ISSUER} refused this client's request (unauthorized_client). Register this ` +
      'client for the grant type urn:ietf:params:oauth:grant-type:device_code there, if it is not, or log in with a ' +
      'browser.',
  );
});

test('a person who grants less than was asked for is not asked again by the same call', async () => {
  const server = new DeviceServer();
  server.onPoll = () =>
    Response.json({ access_token: 'access-1', token_type: 'Bearer', expires_in: 3_600, scope: 'read' });
  const session = server.client({ devicePrompt: new KeptPrompt() }).session({ resource: RESOURCE });
  await session.authorizeDevice({ scope: 'read write' });
  expect(server.count('/device_authorization')).toBe(1);
  expect(server.revoked).toEqual([]);
});
