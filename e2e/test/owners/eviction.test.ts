import { expect, test } from '@jest/globals';
import { createOAuthClient } from '@mcp-oauth/core';
import type { FetchLike, OAuthClientEvent } from '@mcp-oauth/core';
import { refusal, WebHost } from '../authorization/web-host.js';
import type { WebHostOptions } from '../authorization/web-host.js';

/** More than a process keeps in memory. */
const OTHERS = 1_500;

/** Lets so many other people come by that nobody who is idle stays in memory. */
async function crowd(host: WebHost): Promise<void> {
  const visits = Array.from({ length: OTHERS }, (_, index) =>
    host.sessionOf(`passer-by-${String(index)}`).status(),
  );
  await Promise.all(visits);
}

async function call(host: WebHost): Promise<number> {
  const response = await host.sessionOf('alice').fetch(host.mcp.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
    }),
  });
  await response.arrayBuffer();
  return response.status;
}

test('who was idle and left memory is served from the store, without a login and without a refresh', async () => {
  await WebHost.run(async (host) => {
    await host.complete(await host.consented());
    const before = await host.sessionOf('alice').accessToken();
    await crowd(host);
    expect((await host.sessionOf('alice').accessToken()) === before).toBe(true);
    expect(await call(host)).toBe(200);
    expect(host.server.counts().token).toBe(1);
  });
});

test('whose token has expired meanwhile is refreshed once', async () => {
  await WebHost.run(async (host) => {
    await host.complete(await host.consented());
    await crowd(host);
    host.server.expireAccessTokens();
    expect(await Promise.all([call(host), call(host), call(host)])).toEqual([200, 200, 200]);
    expect(host.server.families().map(({ refreshes }) => refreshes.length)).toEqual([1]);
  });
});

test('a session that its owner still holds goes on after it has left memory', async () => {
  await WebHost.run(async (host) => {
    const held = host.sessionOf('alice');
    await host.complete(await host.consented(held));
    await crowd(host);
    const other = host.sessionOf('alice');
    expect((await held.accessToken()) === (await other.accessToken())).toBe(true);
    await other.revoke();
    expect(await refusal(held.accessToken())).toMatchObject({
      code: 'authorization_required',
      reason: 'no_grant',
    });
  });
});

/** A call whose refresh is at the server, and is held there while so many owners come that idle ones leave memory. */
async function refreshPassedByCrowd(host: WebHost, held: HeldTokens) {
  await host.complete(await host.consented());
  host.server.expireAccessTokens();
  held.hold();
  const refreshed = call(host);
  await held.arrived;
  await crowd(host);
  return { refreshed };
}

test('a refresh in flight is not forgotten: whoever comes joins it', async () => {
  const events: string[] = [];
  const held = new HeldTokens();
  const oauth = { fetch: held.fetch, onEvent: ({ type }: OAuthClientEvent) => events.push(type) };
  await WebHost.run(
    async (host) => {
      const { refreshed } = await refreshPassedByCrowd(host, held);
      const joined = call(host);
      await soon(100);
      held.release();
      expect(await Promise.all([refreshed, joined])).toEqual([200, 200]);
      // It is told by a session that waits for another one's refresh.
      expect(events.filter((type) => type.startsWith('refresh'))).toEqual(['refreshed']);
    },
    { oauth },
  );
});

test('a refresh in flight is not forgotten: closing waits until it is stored', async () => {
  const held = new HeldTokens();
  await WebHost.run(
    async (host) => {
      const { refreshed } = await refreshPassedByCrowd(host, held);
      const closed = host.oauth.close().then(() => soon(0));
      expect(await Promise.race([closed, soon(200).then(() => 'waits')])).toBe('waits');
      held.release();
      await closed;
      const after = createOAuthClient({
        owners: 'many',
        fetch,
        store: host.store,
        client: { client_name: 'After' },
      });
      const status = await after.session({ resource: host.mcp.url, owner: 'alice' }).status();
      expect(status).toMatchObject({ generation: 2 });
      expect(await refreshed).toBe(200);
    },
    { oauth: { fetch: held.fetch } },
  );
});

test('a login in flight is not forgotten: whoever comes joins it, and closing waits for its end', async () => {
  let opened = 0;
  let listening = 0;
  const oauth: NonNullable<WebHostOptions['oauth']> = {
    browser: {
      open: () => {
        opened++;
        return Promise.resolve({ opened: true });
      },
    },
    callbackListener: {
      listen: ({ redirectUris }) => {
        listening++;
        return Promise.resolve({
          redirectUri: redirectUris[0],
          response: () => new Promise(() => {}),
          close: async () => {
            await soon(100);
            listening--;
          },
        });
      },
    },
  };
  await WebHost.run(
    async (host) => {
      const login = refusal(host.sessionOf('alice').authorize());
      while (opened === 0) await soon(5);
      await crowd(host);
      const joined = refusal(host.sessionOf('alice').authorize());
      await soon(300);
      expect({ opened, listening }).toEqual({ opened: 1, listening: 1 });
      await host.oauth.close();
      expect(listening).toBe(0);
      expect(await Promise.all([login, joined])).toMatchObject([{ code: 'closed' }, { code: 'closed' }]);
    },
    { oauth },
  );
});

/** A fetch that keeps the answers of token endpoints back. */
class HeldTokens {
  readonly fetch: FetchLike;
  arrived = Promise.resolve();
  #released = Promise.resolve();
  #arrive = () => {};
  release = () => {};

  constructor() {
    this.fetch = async (url, init) => {
      const response = await fetch(url, init);
      if (new URL(url).pathname === '/token') {
        this.#arrive();
        await this.#released;
      }
      return response;
    };
  }

  hold(): void {
    this.arrived = new Promise((resolve) => (this.#arrive = resolve));
    this.#released = new Promise((resolve) => (this.release = resolve));
  }
}

function soon(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
