import { expect, jest, test } from '@jest/globals';
import type {
  Browser,
  CallbackListener,
  ListeningCallback,
  RedirectPrompt,
  RedirectPromptRequest,
} from '@mcp-oauth/core';
import { MemoryTokenStore } from '@mcp-oauth/core';
import { DeviceServer, KeptPrompt, RESOURCE } from './device-server.js';

const redirectUri = 'http://localhost:9876/callback';

/** Notes which ports are bound, and never gets a callback. */
class Ports implements CallbackListener {
  readonly history: ('bound' | 'freed')[] = [];

  listen(): Promise<ListeningCallback> {
    this.history.push('bound');
    return Promise.resolve({
      redirectUri,
      response: () => new Promise(() => undefined),
      close: () => {
        this.history.push('freed');
        return Promise.resolve();
      },
    });
  }
}

const closedBrowser: Browser = {
  open: () => Promise.resolve({ opened: false, reason: 'there is no display' }),
};

/** A person who pastes nothing. */
class Paste implements RedirectPrompt {
  readonly asked: RedirectPromptRequest[] = [];

  isAvailable(): boolean {
    return true;
  }

  ask(request: RedirectPromptRequest): Promise<string> {
    this.asked.push(request);
    return Promise.reject(new Error('nothing was pasted'));
  }
}

test('without a browser authorize() shows a code, and binds no port', async () => {
  const server = new DeviceServer();
  const [devicePrompt, callbackListener] = [new KeptPrompt(), new Ports()];
  const session = server.client({ devicePrompt, callbackListener }).session({ resource: RESOURCE });
  expect(session.canAskPerson).toBe(true);
  await session.authorize();
  expect(devicePrompt.shown).toHaveLength(1);
  expect(callbackListener.history).toEqual([]);
  expect(await session.accessToken()).toBe('access-1');
});

test('where the browser can not be opened the port is free and the flow forgotten before the code is shown', async () => {
  const server = new DeviceServer();
  const store = new MemoryTokenStore();
  const ports = new Ports();
  const devicePrompt = new KeptPrompt();
  const historyWhenShown: string[][] = [];
  const show = devicePrompt.show.bind(devicePrompt);
  devicePrompt.show = (code, options) => {
    historyWhenShown.push([...ports.history]);
    show(code, options);
  };
  const oauth = server.client({ store, devicePrompt, callbackListener: ports, browser: closedBrowser });
  await oauth.session({ resource: RESOURCE }).authorize();
  expect(historyWhenShown).toEqual([['bound', 'freed']]);
  expect(ports.history).toEqual(['bound', 'freed']);
  const [partition = ''] = await oauth.partitions();
  const pending = (await store.list(partition)).filter(({ id }) => id.startsWith('pending-'));
  expect(pending).toEqual([]);
  // One discovery and one registration serve both.
  expect(server.count('/.well-known/oauth-authorization-server')).toBe(1);
  expect(server.count('/register')).toBe(1);
});

test('a browser that opens is used, whatever else there is', async () => {
  const server = new DeviceServer();
  const devicePrompt = new KeptPrompt();
  const browser: Browser = { open: () => Promise.resolve({ opened: true }) };
  const oauth = server.client({ devicePrompt, browser, callbackListener: new Ports(), loginTimeoutMs: 300 });
  await expect(oauth.session({ resource: RESOURCE }).authorize()).rejects.toMatchObject({
    code: 'authorization_timeout',
  });
  expect(devicePrompt.shown).toEqual([]);
  expect(server.count('/device_authorization')).toBe(0);
});

test.each<readonly [string, (server: DeviceServer, prompt: KeptPrompt) => void]>([
  [
    'the server has no device authorization',
    (server) => {
      server.metadata = { device_authorization_endpoint: undefined };
    },
  ],
  [
    'nobody would see the code',
    (_, prompt) => {
      prompt.available = false;
    },
  ],
  [
    'the server gives this client no device codes',
    (server) => {
      server.onDeviceAuthorization = () => server.refusal('unauthorized_client');
    },
  ],
])('where %s the person is asked to paste the address', async (_, change) => {
  const server = new DeviceServer();
  const [devicePrompt, redirectPrompt] = [new KeptPrompt(), new Paste()];
  change(server, devicePrompt);
  const options = { devicePrompt, redirectPrompt, browser: closedBrowser, callbackListener: new Ports() };
  await expect(server.client(options).session({ resource: RESOURCE }).authorize()).rejects.toThrow(
    'nothing was pasted',
  );
  expect(redirectPrompt.asked).toHaveLength(1);
  expect(devicePrompt.shown).toEqual([]);
});

test('without a redirect prompt the refusal of the server is what the host hears', async () => {
  const server = new DeviceServer();
  server.onDeviceAuthorization = () => server.refusal('unauthorized_client');
  const session = server.client({ devicePrompt: new KeptPrompt() }).session({ resource: RESOURCE });
  await expect(session.authorize()).rejects.toMatchObject({ code: 'token_request_failed' });
});

test('a server that can not be asked for a code now is in trouble: nobody is asked to paste', async () => {
  const server = new DeviceServer();
  server.onDeviceAuthorization = () => new Response('', { status: 503 });
  const [devicePrompt, redirectPrompt] = [new KeptPrompt(), new Paste()];
  const session = server.client({ devicePrompt, redirectPrompt }).session({ resource: RESOURCE });
  await expect(session.authorize()).rejects.toMatchObject({ code: 'transient' });
  expect(redirectPrompt.asked).toEqual([]);
});

test('a code is preferred to a paste, and a person who declines it is not asked to paste', async () => {
  const server = new DeviceServer();
  server.onPoll = () => server.refusal('access_denied');
  const [devicePrompt, redirectPrompt] = [new KeptPrompt(), new Paste()];
  const session = server.client({ devicePrompt, redirectPrompt }).session({ resource: RESOURCE });
  await expect(session.authorize()).rejects.toMatchObject({ code: 'authorization_denied' });
  expect(redirectPrompt.asked).toEqual([]);
});

test('a device prompt alone is a way to ask a person while somebody would see it', () => {
  const server = new DeviceServer();
  const devicePrompt = new KeptPrompt();
  const session = server.client({ devicePrompt }).session({ resource: RESOURCE });
  expect(session.canAskPerson).toBe(true);
  devicePrompt.available = false;
  expect(session.canAskPerson).toBe(false);
  expect(server.client().session({ resource: RESOURCE }).canAskPerson).toBe(false);
});

test('a code is good longer than a page: a person may take 14 minutes, and no more than 15', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  try {
    const server = new DeviceServer();
    server.deviceResponse = { expires_in: 1_800, interval: 60 };
    server.onPoll = (count) => (count < 14 ? server.refusal('authorization_pending') : server.tokens());
    const devicePrompt = new KeptPrompt();
    const oauth = server.client({ devicePrompt });
    await hurried(oauth.session({ resource: RESOURCE }).authorize());
    expect(server.polls).toHaveLength(14);
    const shownAt = Date.now() - 14 * 60_000;
    const minutes = ((devicePrompt.shown[0]?.expiresAt.getTime() ?? 0) - shownAt) / 60_000;
    expect(Math.round(minutes)).toBe(15);

    server.onPoll = () => server.refusal('authorization_pending');
    const other = oauth.session({ resource: RESOURCE, profile: 'work' });
    await expect(hurried(other.authorize())).rejects.toMatchObject({ code: 'authorization_timeout' });
    expect(server.polls).toHaveLength(14 + 14);
  } finally {
    jest.useRealTimers();
  }
});

/** Lets the time of the fake timers pass until it settles. */
async function hurried(work: Promise<void>): Promise<void> {
  const progress = { isSettled: false };
  const settle = (): void => {
    progress.isSettled = true;
  };
  work.then(settle, settle);
  while (!progress.isSettled) {
    await new Promise((resolve) => setImmediate(resolve));
    jest.advanceTimersByTime(100);
  }
  await work;
}
