import { expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  expectNoLeaks,
  person,
  ScriptedBrowser,
  startMcpServer,
  startStrictAuthorizationServer,
  withWorkers,
} from '@mcp-oauth/e2e';
import { LoopbackCallbackListener } from '@mcp-oauth/node';
import { desktop, HeldBrowser } from './desktop-host.js';
import { altered, refusal } from './web-host.js';

test('twenty cold authorize() calls make one registration, one login and one page', () =>
  desktop(async ({ server, browser, session, oauth, mcp }) => {
    const sessions = Array.from({ length: 20 }, () => oauth.session({ resource: mcp.url }));
    await Promise.all(sessions.map((one) => one.authorize()));
    expect(browser.opened).toHaveLength(1);
    expect(server.counts()).toMatchObject({ register: 1, authorize: 1, token: 1 });
    const tokens = await Promise.all(sessions.map((one) => one.accessToken()));
    expect(new Set(tokens).size).toBe(1);
    await session.authorize();
    expect(browser.opened).toHaveLength(1);
  }));

test('four cold processes on one file store make one registration, one login and one page', async () => {
  const server = await startStrictAuthorizationServer();
  const mcp = await startMcpServer({ authorizationServers: [server] });
  const directory = join(await mkdtemp(join(tmpdir(), 'mcp-oauth-cold-')), 'store');
  try {
    const module = new URL('cold-worker.mjs', import.meta.url);
    const input = { directory, resource: mcp.url.href };
    await withWorkers({ module, count: 4, input: () => input }, async (workers) => {
      for (const worker of workers) expect(await worker.next()).toBe('ready');
      for (const worker of workers) worker.send('go');
      const results = await Promise.all(workers.map((worker) => worker.result()));
      const opened = results.map((result) => (result as { opened: number }).opened);
      expect(opened.reduce((sum, count) => sum + count, 0)).toBe(1);
      const tokens = results.map((result) => (result as { fingerprint: string }).fingerprint);
      expect(new Set(tokens).size).toBe(1);
    });
    expect(server.counts()).toMatchObject({ register: 1, authorize: 1, token: 1 });
    expect(server.families()).toHaveLength(1);
  } finally {
    await mcp.close();
    await server.close();
    await rm(join(directory, '..'), { recursive: true, force: true });
  }
}, 40_000);

const forgeries: readonly (readonly [string, (callback: URL) => URL])[] = [
  ['A42: no state', (callback) => altered(callback, 'state', undefined)],
  ['A43: another state', (callback) => altered(callback, 'state', 'x'.repeat(43))],
  ['A44: an error without a state', (callback) => new URL(`${callback.origin}/callback?error=access_denied`)],
  ['A53: another iss', (callback) => altered(callback, 'iss', 'https://evil.example')],
  ['A54: no iss', (callback) => altered(callback, 'iss', undefined)],
  ['a repeated code', (callback) => new URL(`${callback.href}&code=second`)],
  ['neither code nor error', (callback) => altered(callback, 'code', undefined)],
];

test.each(forgeries)('%s: the listener goes on waiting, and the honest answer completes', (_, forge) => {
  const browser = new HeldBrowser();
  return desktop(
    async ({ server, session }) => {
      const login = session.authorize();
      const callback = new URL(await person.consent(await browser.page()));
      const answer = await fetch(forge(callback));
      const page = await answer.text();
      expectNoLeaks({ page }, [...server.secrets(), callback.searchParams.get('state') ?? '']);
      expect(server.counts().token).toBe(0);
      expect(await session.status()).toMatchObject({ state: 'logging_in' });
      expect((await fetch(callback)).status).toBeLessThan(400);
      await login;
      expect(server.counts().token).toBe(1);
      expect(browser.opened).toHaveLength(1);
      await session.accessToken();
    },
    { oauth: { browser } },
  );
});

test('A51: the same callback twice is exchanged once', () => {
  const browser = new HeldBrowser();
  return desktop(
    async ({ server, session }) => {
      const login = session.authorize();
      const callback = await person.consent(await browser.page());
      await Promise.allSettled([fetch(callback), fetch(callback), login]);
      await login;
      expect(server.counts().token).toBe(1);
      expect(server.families()).toMatchObject([{ revoked: undefined }]);
    },
    { oauth: { browser } },
  );
});

test('a login that is declined says so, and the next one is free to succeed', () =>
  desktop(async ({ server, session, browser }) => {
    server.behaviour.decide = () => ({ error: 'access_denied' });
    expect(await refusal(session.authorize())).toMatchObject({ code: 'authorization_denied' });
    expect(server.counts().token).toBe(0);
    const [visit] = await browser.visits();
    expect(visit?.body).not.toContain('access_denied');
    server.behaviour.decide = () => ({ user: 'alice' });
    await session.authorize();
    expect(browser.opened).toHaveLength(2);
    expect(server.counts().register).toBe(1);
  }));

test('a login that nobody finishes ends in time, and a client that the server still knows is kept', () => {
  const browser = new HeldBrowser();
  return desktop(
    async ({ server, session }) => {
      expect(await refusal(session.authorize())).toMatchObject({ code: 'authorization_timeout' });
      expect(await session.status()).toMatchObject({ state: 'logged_out' });
      expect(await refusal(session.authorize())).toMatchObject({ code: 'authorization_timeout' });
      expect(await refusal(session.authorize())).toMatchObject({ code: 'authorization_timeout' });
      expect(server.counts().register).toBe(1);
      expect(server.families()).toEqual([]);
    },
    { oauth: { browser, loginTimeoutMs: 400 } },
  );
});

test('a login that runs into the error page of a server that forgot this client makes the next one register anew', () => {
  const browser = new HeldBrowser();
  return desktop(
    async ({ server, session }) => {
      for (let login = 0; login < 3; login++) {
        expect(await refusal(session.authorize())).toMatchObject({ code: 'authorization_timeout' });
        // The first client was registered for its own login; the second login had cause to doubt it.
        server.forgetClient(browser.opened.at(-1)?.searchParams.get('client_id') ?? '');
      }
      expect(server.counts().register).toBe(2);
    },
    { oauth: { browser, loginTimeoutMs: 400 } },
  );
});

test('close() ends every waiting login at once', () => {
  const browser = new HeldBrowser();
  return desktop(
    async ({ session, oauth }) => {
      const logins = [refusal(session.authorize()), refusal(session.authorize())];
      await browser.page();
      const began = performance.now();
      await oauth.close();
      for (const error of await Promise.all(logins)) expect(error).toMatchObject({ code: 'closed' });
      expect(performance.now() - began).toBeLessThan(2_000);
    },
    { oauth: { browser } },
  );
});

test('a caller who gives up leaves the login to the others', () => {
  const browser = new HeldBrowser();
  return desktop(
    async ({ session, server }) => {
      const impatient = new AbortController();
      const first = session.authorize({ signal: impatient.signal }).catch((error: unknown) => error);
      const second = session.authorize();
      const page = await browser.page();
      impatient.abort(new Error('gave up'));
      expect(await first).toMatchObject({ message: 'gave up' });
      await person.visit(page);
      await second;
      expect(server.counts()).toMatchObject({ register: 1, token: 1 });
    },
    { oauth: { browser } },
  );
});

test('a registration names five loopback ports, so that a busy one needs no other client', async () => {
  const listener = new LoopbackCallbackListener();
  await desktop(async ({ server, session }) => {
    await session.authorize();
    const registration = server.log().find(({ endpoint }) => endpoint === 'register');
    expect(registration?.clientMetadata).toMatchObject({
      redirect_uris: [9876, 9877, 9878, 9879, 9880].map(
        (port) => `http://localhost:${String(port)}/callback`,
      ),
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
    });
    expect(registration?.clientMetadata).not.toHaveProperty('scope');
    await session.revoke();
    const first = ['http://localhost:9876/callback'] as const;
    const squatter = await listener.listen({ redirectUris: first, anyPort: false }).catch(() => undefined);
    try {
      await session.authorize();
      expect(server.counts().register).toBe(1);
    } finally {
      await squatter?.close();
    }
  });
});

test('A47: a configured port that is taken is an error before any page opens', () =>
  desktop(async ({ server, browser, oauth, mcp }) => {
    const listener = new LoopbackCallbackListener();
    const held = await listener.listen({ redirectUris: ['http://localhost:9999/callback'], anyPort: true });
    const callbackPort = Number(new URL(held.redirectUri).port);
    try {
      const session = oauth.session({ resource: mcp.url }, { callbackPort });
      const error = await refusal(session.authorize());
      expect(error.code).toBe('invalid_config');
      expect(error.message).toContain(String(callbackPort));
      expect(browser.opened).toEqual([]);
      expect(server.counts()).toMatchObject({ register: 0, authorize: 0 });
    } finally {
      await held.close();
    }
  }));

test('A38: a server that refuses every token gets one page, not one for each call', () =>
  desktop(async ({ mcp, session, browser }) => {
    await session.authorize();
    mcp.behaviour.refuse = 'everything';
    const calls = Array.from({ length: 50 }, () =>
      refusal(session.fetch(mcp.url, { method: 'POST', body: '{}' })),
    );
    for (const error of await Promise.all(calls)) expect(error.code).toBe('authorization_required');
    expect(browser.opened).toHaveLength(1);
  }));

test('A38: a host that logs in again whenever it is told to opens one more page, and is told to wait', () => {
  const browser = new ScriptedBrowser();
  return desktop(
    async ({ mcp, session }) => {
      await session.authorize();
      const told: string[] = [];
      const call = async (): Promise<void> => {
        const error = await refusal(session.fetch(mcp.url, { method: 'POST', body: '{}' }));
        told.push(error.code);
        if (error.code === 'authorization_required') await session.authorize();
      };
      mcp.behaviour.refuse = 'everything';
      for (let turns = 0; turns < 10; turns++) await call();
      expect(told).toEqual(['authorization_required', ...Array<string>(9).fill('transient')]);
      expect(browser.opened).toHaveLength(2);

      mcp.behaviour.refuse = 'nothing';
      const answer = await session.fetch(mcp.url, { method: 'POST', body: '{}' });
      // Neither 401 nor an error: the token is taken, and the call was none.
      expect(answer.status).toBe(406);
    },
    { oauth: { browser } },
  );
});

test('a step-up asks for what was granted and what is missing, and keeps one client', () => {
  const browser = new ScriptedBrowser();
  return desktop(
    async ({ session, server }) => {
      await session.authorize();
      await session.authorize({ scope: 'mcp:tools mcp:admin' });
      expect(browser.opened).toHaveLength(2);
      const asked = browser.opened[1]?.searchParams.get('scope')?.split(' ').sort();
      expect(asked).toEqual(['mcp:admin', 'mcp:tools']);
      await session.authorize({ scope: 'mcp:admin' });
      expect(browser.opened).toHaveLength(2);
      expect(server.counts().register).toBe(1);
    },
    { oauth: { browser } },
  );
});
