import { describe, expect, test } from '@jest/globals';
import type { OAuthClientEvent, OAuthSession, Owners, ProcessIdentity } from '@mcp-oauth/core';
import { person, startOidcProvider } from '@mcp-oauth/e2e';
import { Scene, whoami } from './scene.js';
import type { Storage } from './storage.js';
import { wirings } from './wiring.js';
import type { Host } from './wiring.js';

const redirectUri = 'https://host.example/oauth/callback';
const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
const failuresOf = async (calls: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(calls)).flatMap((call) =>
    call.status === 'rejected' ? [String(call.reason)] : [],
  );

/** What a host does, the same whichever way it was put together. */
export function testDomain(startStorage: () => Promise<Storage>): void {
  describe.each(['factories', 'inversify'] as const)('wired by %s', (name) => {
    const scene = (body: (scene: Scene) => Promise<void>) => () =>
      Scene.run(wirings[name], startStorage, body);

    test(
      'a person logs in once, and the next process of the host finds the login',
      scene(async (here) => {
        const first = await here.desktop();
        const client = await here.connect(first.transports.create(here.config()));
        expect(await whoami(client)).toBe('alice');
        await client.close();
        await first.close();
        const second = await here.desktop();
        expect(await whoami(await here.connect(second.transports.create(here.config())))).toBe('alice');
        expect(here.browser.opened).toHaveLength(1);
        expect(here.server.counts()).toMatchObject({ register: 1, token: 1 });
      }),
    );

    test(
      'a person logs in at the pages of oidc-provider',
      scene(async (here) => {
        const mcp = await here.guardedBy(here.keep(await startOidcProvider()));
        const { transports } = await here.desktop();
        expect(await whoami(await here.connect(transports.create(here.config(mcp))))).toBe('alice');
        expect(here.browser.opened).toHaveLength(1);
      }),
    );

    test(
      'without a browser the person is asked for the address',
      scene(async (here) => {
        const asked: string[] = [];
        const { oauth } = await here.desktop({
          browser: { open: () => Promise.resolve({ opened: false, reason: 'there is no display' }) },
          redirectPrompt: {
            isAvailable: () => true,
            ask: ({ authorizationUrl, resource }) => {
              asked.push(resource);
              return person.consent(authorizationUrl);
            },
          },
        });
        const session = oauth.session({ resource: here.mcp.url });
        await session.authorize();
        expect(asked).toEqual([here.mcp.url.href]);
        expect(await session.status()).toMatchObject({ state: 'logged_in' });
      }),
    );

    test(
      'or shown a code for another device, where the server has that',
      scene(async (here) => {
        here.server.behaviour.deviceAuthorization = true;
        const codes: string[] = [];
        const { oauth } = await here.desktop({
          browser: { open: () => Promise.resolve({ opened: false, reason: 'there is no display' }) },
          devicePrompt: {
            isAvailable: () => true,
            show: async ({ userCode, verificationUriComplete = '' }) => {
              codes.push(userCode);
              await person.approveDevice(verificationUriComplete);
            },
          },
        });
        const session = oauth.session({ resource: here.mcp.url });
        await session.authorize();
        expect(codes).toHaveLength(1);
        expect(await session.status()).toMatchObject({ state: 'logged_in' });
      }),
    );

    test(
      '20 calls at once on an expired token cost 1 refresh, and none fails',
      scene(async (here) => {
        let ahead = 0;
        const events: OAuthClientEvent[] = [];
        const { transports } = await here.desktop(
          {},
          {
            now: () => Date.now() + ahead,
            onEvent: (event) => {
              events.push(event);
            },
          },
        );
        const client = await here.connect(transports.create(here.config()));
        here.server.clearLog();
        here.server.behaviour.tokenLatencyMs = 100;
        ahead = here.server.behaviour.accessTokenTtl * 1_000 + 1_000;
        expect(await failuresOf(times(20, () => whoami(client)))).toEqual([]);
        expect(here.server.counts().token).toBe(1);
        expect(here.browser.opened).toHaveLength(1);
        expect(events.filter(({ type }) => type === 'refreshed')).toHaveLength(1);
      }),
    );

    test(
      'every request goes through the fetch of the host, and a refresh bears the name of its process',
      scene(async (here) => {
        const sent: string[] = [];
        let named = 0;
        const processIdentity: ProcessIdentity = {
          get self() {
            named += 1;
            return 'this process';
          },
          isAlive: () => undefined,
        };
        const { oauth } = await here.desktop({
          processIdentity,
          fetch: (url, init) => {
            sent.push(new URL(url).pathname);
            return fetch(url, init);
          },
        });
        const session = oauth.session({ resource: here.mcp.url });
        await session.authorize();
        expect(sent).toContain('/token');
        here.server.expireAccessTokens();
        sent.length = named = 0;
        await session.fetch(here.mcp.url, { method: 'POST', body: '{}' });
        expect(sent).toEqual(['/mcp', '/token', '/mcp']);
        expect(named).toBeGreaterThan(0);
      }),
    );

    test(
      'a host that ends lets a refresh in flight be stored',
      scene(async (here) => {
        const first = await here.desktop();
        const session = first.oauth.session({ resource: here.mcp.url });
        await session.authorize();
        await endDuringRefresh(here, first, session);
        const second = await here.desktop();
        expect(await whoami(await here.connect(second.transports.create(here.config())))).toBe('alice');
        expect(here.browser.opened).toHaveLength(1);
        expectOneRefresh(here);
      }),
    );

    test(
      'so does a host of many owners, whose fetch closes with it',
      scene(async (here) => {
        const first = await here.web();
        const session = first.oauth.session({ resource: here.mcp.url, owner: 'alice' });
        const { authorizationUrl, binding } = await session.beginAuthorization({ redirectUri });
        const callback = await person.consent(authorizationUrl);
        await first.oauth.completeAuthorization(callback, { owner: 'alice', binding });
        await endDuringRefresh(here, first, session);
        const { transports } = await here.web();
        const client = await here.connect(transports.create(here.config(), { owner: 'alice' }));
        expect(await whoami(client)).toBe('alice');
        expectOneRefresh(here);
      }),
    );

    test(
      'a logout ends the login at the server and leaves nothing of it',
      scene(async (here) => {
        const { oauth, transports } = await here.desktop();
        await here.connect(transports.create(here.config()));
        const session = oauth.session({ resource: here.mcp.url });
        expect(await session.revoke()).toMatchObject({ refresh_token: 'revoked' });
        expect(await session.status()).toMatchObject({ state: 'logged_out' });
        expect(here.server.families()).toMatchObject([{ revoked: 'revocation' }]);
        await expect(session.accessToken()).rejects.toMatchObject({ code: 'authorization_required' });
        const store = here.keep(await here.storage.open());
        const [partition = ''] = await oauth.partitions();
        expect(await store.list(partition)).toEqual([]);
      }),
    );

    test(
      "of many owners nobody completes another's login, and nobody goes without a name",
      scene(async (here) => {
        const { oauth, transports } = await here.web();
        const begin = oauth.session({ resource: here.mcp.url, owner: 'alice' });
        const { authorizationUrl, binding } = await begin.beginAuthorization({ redirectUri });
        const callback = await person.consent(authorizationUrl);
        await expect(
          oauth.completeAuthorization(callback, { owner: 'mallory', binding }),
        ).rejects.toMatchObject({ code: 'callback_rejected', reason: 'owner_mismatch' });
        const other = await here.web();
        await other.oauth.completeAuthorization(callback, { owner: 'alice', binding });
        const client = await here.connect(transports.create(here.config(), { owner: 'alice' }));
        expect(await whoami(client)).toBe('alice');
        await expect(
          here.connect(transports.create(here.config(), { owner: 'mallory' })),
        ).rejects.toMatchObject({ code: 'authorization_required' });
        // @ts-expect-error -- the owner is missing
        expect(() => transports.create(here.config())).toThrow(/many owners/);
      }),
    );

    test(
      'where it is stored, a login can be read without the key only if nothing encrypts it',
      scene(async (here) => {
        const host = await here.desktop();
        await host.oauth.session({ resource: here.mcp.url }).authorize();
        await host.close();
        const contents = await here.storage.contents();
        const found = here.server.secrets().filter((secret) => contents.includes(secret));
        const kinds = found.map((secret) => secret.split('_')[1]).sort();
        expect(kinds).toEqual(here.storage.encrypted ? [] : ['access', 'refresh']);
        expect(contents.includes(here.mcp.url.href)).toBe(!here.storage.encrypted);
      }),
    );
  });
}

async function endDuringRefresh(here: Scene, host: Host<Owners>, session: OAuthSession): Promise<void> {
  here.server.expireAccessTokens();
  here.server.clearLog();
  here.server.behaviour.tokenLatencyMs = 400;
  const call = session.fetch(here.mcp.url, { method: 'POST', body: '{}' });
  // What becomes of the call is not the question, only what becomes of the login.
  const ended = call.catch(() => undefined);
  while (here.server.counts().token === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await host.close();
  await ended;
}

function expectOneRefresh({ server }: Scene): void {
  expect(server.counts().token).toBe(1);
  expect(server.families()).toMatchObject([{ generation: 2, revoked: undefined }]);
}
