import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import { decodeCredentials } from '../../src/credentials/credentials-codec.js';
import { collected, DEVICE_CODE, DeviceServer, failure, KeptPrompt, RESOURCE } from './device-server.js';
import { until } from '../waiting.js';

test('what the host throws instead of showing the code ends the login, and is thrown as it is', async () => {
  const server = new DeviceServer();
  server.onPoll = () => server.refusal('authorization_pending');
  const session = server.client().session({ resource: RESOURCE });
  const broken = new RangeError('no screen');
  const unshown = session.authorizeDevice({ onUserCode: () => Promise.reject(broken) });
  expect(await failure(unshown)).toBe(broken);
  expect(await session.status()).toMatchObject({ state: 'logged_out' });
});

test('a host whose prompt goes on for ever keeps nobody from logging in', async () => {
  const server = new DeviceServer();
  const session = server.client().session({ resource: RESOURCE });
  await session.authorizeDevice({ onUserCode: () => new Promise(() => undefined) });
  expect(await session.accessToken()).toBe('access-1');
});

test('A66: a code ends in time though the clock of the machine stands still, and says nothing of it', async () => {
  const server = new DeviceServer();
  server.deviceResponse = { expires_in: 2 };
  server.onPoll = () => server.refusal('authorization_pending');
  const now = (): number => 1_700_000_000_000;
  const prompt = new KeptPrompt();
  const { events, onEvent } = collected();
  const session = server.client({ devicePrompt: prompt, now, onEvent }).session({ resource: RESOURCE });
  const error = await failure(session.authorizeDevice());
  expect(error).toMatchObject({ code: 'authorization_timeout' });
  expect(error.message).toContain('within 2 s');
  expect(prompt.shown[0]?.expiresAt).toEqual(new Date(now() + 2_000));
  const views = [error, events, session, prompt].map((value) =>
    inspect(value, { depth: 12, showHidden: true }),
  );
  for (const view of views) expect(view).not.toContain(DEVICE_CODE);
  expect(await session.status()).toMatchObject({ state: 'logged_out' });
});

test('nobody waits longer than the host says', async () => {
  const server = new DeviceServer();
  server.onPoll = () => server.refusal('authorization_pending');
  const prompt = new KeptPrompt();
  const oauth = server.client({ devicePrompt: prompt, loginTimeoutMs: 1_500 });
  const before = Date.now();
  const error = await failure(oauth.session({ resource: RESOURCE }).authorizeDevice());
  expect(error).toMatchObject({ code: 'authorization_timeout' });
  expect(Date.now() - before).toBeLessThan(10_000);
});

test('a caller who gives up leaves the login to the others; without any it ends at once', async () => {
  const server = new DeviceServer();
  let isDecided = false;
  server.onPoll = () => (isDecided ? server.tokens() : server.refusal('authorization_pending'));
  const prompt = new KeptPrompt();
  const session = server.client({ devicePrompt: prompt }).session({ resource: RESOURCE });
  const reason = new Error('given up');
  const first = new AbortController();
  const second = session.authorizeDevice();
  const gone = failure(session.authorizeDevice({ signal: first.signal }));
  first.abort(reason);
  expect(await gone).toBe(reason);
  isDecided = true;
  await second;
  expect(prompt.shown).toHaveLength(1);

  const alone = server.client({ devicePrompt: prompt }).session({ resource: RESOURCE });
  isDecided = false;
  const last = new AbortController();
  const ending = failure(alone.authorizeDevice({ signal: last.signal }));
  await until(() => prompt.signals.length === 2);
  last.abort(reason);
  expect(await ending).toBe(reason);
  await until(() => prompt.signals[1]?.aborted === true);
  await until(async () => (await alone.status()).state === 'logged_out');
});

test('close() ends a login that waits at once, and keeps what was granted by then', async () => {
  const server = new DeviceServer();
  server.deviceResponse = { interval: 60 };
  const prompt = new KeptPrompt();
  const oauth = server.client({ devicePrompt: prompt });
  const waiting = failure(oauth.session({ resource: RESOURCE }).authorizeDevice());
  await until(() => prompt.shown.length > 0);
  const before = performance.now();
  await oauth.close();
  expect(await waiting).toMatchObject({ code: 'closed' });
  expect(performance.now() - before).toBeLessThan(5_000);

  server.deviceResponse = {};
  const store = new MemoryTokenStore();
  const closing = server.client({ store, devicePrompt: prompt });
  let answer = (_: Response): void => undefined;
  server.onPoll = () => new Promise((resolve) => (answer = resolve));
  const login = failure(closing.session({ resource: RESOURCE }).authorizeDevice());
  const polled = server.polls.length + 1;
  await until(() => server.polls.length === polled);
  const closed = closing.close();
  expect(await login).toMatchObject({ code: 'closed' });
  answer(server.tokens());
  await closed;
  const next = server.client({ store }).session({ resource: RESOURCE });
  expect(await next.accessToken()).toBe('access-1');
});

test.each<readonly [string, (server: DeviceServer) => void, () => void]>([
  [
    'the server has none',
    (server) => {
      server.metadata = { device_authorization_endpoint: undefined };
    },
    () => undefined,
  ],
  [
    'the server gives this client none',
    (server) => {
      server.onDeviceAuthorization = () => server.refusal('unauthorized_client');
    },
    () => undefined,
  ],
  [
    'the host can not show it',
    () => undefined,
    () => {
      throw new RangeError('no screen');
    },
  ],
])('a process that waited for a code goes on in its own way where %s', async (_, change, onUserCode) => {
  const server = new DeviceServer();
  server.onPoll = () => server.refusal('authorization_pending');
  change(server);
  const store = new MemoryTokenStore();
  let goOn = (): void => undefined;
  const held = new Promise<void>((resolve) => (goOn = resolve));
  const first = server.client({
    store,
    fetch: async (url, init) => {
      await held;
      return await server.fetch(url, init);
    },
  });
  const failing = failure(first.session({ resource: RESOURCE }).authorizeDevice({ onUserCode }));
  const second = server.client({
    store,
    redirectPrompt: { isAvailable: () => true, ask: () => Promise.reject(new Error('it was asked')) },
  });
  const session = second.session({ resource: RESOURCE });
  await until(async () => (await session.status()).state === 'logging_in');
  const waiting = failure(session.authorize());
  await new Promise((resolve) => setTimeout(resolve, 100));
  goOn();
  await failing;
  expect((await waiting).message).toBe('it was asked');
});

test('whoever waits in another process learns how long that may take', async () => {
  const server = new DeviceServer();
  const store = new MemoryTokenStore();
  const oauth = server.client({ store });
  const marks: unknown[] = [];
  await oauth.session({ resource: RESOURCE }).authorizeDevice({
    onUserCode: async () => {
      const [partition = ''] = await oauth.partitions();
      for (const { value } of await store.list(partition))
        marks.push(decodeCredentials(value).login?.lengthMs);
    },
  });
  expect(marks).toEqual([630_000]);
});

test('what a person ended while the code was waiting does not come back: the tokens are given back', async () => {
  const server = new DeviceServer();
  const prompt = new KeptPrompt();
  const session = server.client({ devicePrompt: prompt }).session({ resource: RESOURCE });
  const login = failure(session.authorizeDevice());
  await until(() => prompt.shown.length > 0);
  await session.invalidate('all');
  expect(await login).toMatchObject({ code: 'callback_rejected' });
  expect(server.revoked).toContain('refresh-1');
  expect(await session.status()).toMatchObject({ state: 'logged_out' });
});
