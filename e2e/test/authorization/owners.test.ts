import { expect, test } from '@jest/globals';
import type { OAuthClientEvent } from '@mcp-oauth/core';
import { expectNoLeaks, faults, startMcpServer, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import { refusal, WebHost } from './web-host.js';

test('sessions lists the logins of one owner at every server and profile, without a secret', () =>
  WebHost.run(async (host) => {
    const other = await startMcpServer({ authorizationServers: [host.server] });
    try {
      await host.complete(await host.consented());
      await host.complete(await host.consented(host.sessionOf('bob')), 'bob');
      for (const profile of ['work', 'home']) {
        const session = host.oauth.session({ resource: other.url, owner: 'alice', profile });
        await host.complete(await host.consented(session));
      }
      await host.consented(host.oauth.session({ resource: other.url, owner: 'alice', profile: 'begun' }));
      const listed = await host.oauth.sessions({ owner: 'alice' });
      expect(listed).toHaveLength(3);
      expect(listed).toEqual(
        expect.arrayContaining([
          await host.session.status(),
          expect.objectContaining({ resource: other.url.href, profile: 'home', state: 'logged_in' }),
          expect.objectContaining({ resource: other.url.href, profile: 'work', issuer: host.server.issuer }),
        ]),
      );
      expectNoLeaks({ listed }, host.server.secrets());
      expect(await host.oauth.sessions({ owner: 'bob' })).toHaveLength(1);
      expect(await host.oauth.sessions({ owner: 'nobody' })).toEqual([]);
    } finally {
      await other.close();
    }
  }));

test('forgetOwner revokes at every server, the refresh token first, and leaves nothing of that owner', () => {
  const events: OAuthClientEvent[] = [];
  return WebHost.run(
    async (host) => {
      const second = await startStrictAuthorizationServer();
      const other = await startMcpServer({ authorizationServers: [second] });
      try {
        await host.complete(await host.consented());
        const elsewhere = host.oauth.session({ resource: other.url, owner: 'alice' });
        await host.complete(await host.consented(elsewhere));
        await host.complete(await host.consented(host.sessionOf('bob')), 'bob');
        const pending = await host.consented();
        host.server.clearLog();

        const forgotten = await host.oauth.forgetOwner({ owner: 'alice' });

        const revoked = { profile: 'default', refresh_token: 'revoked', access_token: 'revoked' };
        expect(new Set(forgotten)).toEqual(
          new Set([
            { resource: host.mcp.url.href, ...revoked },
            { resource: other.url.href, ...revoked },
          ]),
        );
        expectNoLeaks({ forgotten, events }, [...host.server.secrets(), ...second.secrets()]);
        const asked = host.server.log().filter(({ endpoint }) => endpoint === 'revoke');
        expect(asked.map(({ presented }) => presented)).toEqual(['family-1/refresh-1', 'family-1/access-1']);
        expect(second.families()).toMatchObject([{ revoked: 'revocation' }]);
        expect(events.filter(({ type }) => type === 'revoked')).toHaveLength(2);

        expect(await host.oauth.sessions({ owner: 'alice' })).toEqual([]);
        const partitions = new Set((await host.store.personal()).map((record) => record.split('/')[0]));
        expect(partitions.size).toBe(1);
        expect(await refusal(host.session.accessToken())).toMatchObject({ reason: 'no_grant' });
        expect(await refusal(host.complete(pending))).toMatchObject({ reason: 'unknown_flow' });
        expect(await host.oauth.forgetOwner({ owner: 'alice' })).toEqual([]);

        await host.sessionOf('bob').accessToken();
        await host.complete(await host.consented());
        await host.expectLoggedIn();
      } finally {
        await other.close();
        await second.close();
      }
    },
    { oauth: { onEvent: (event) => void events.push(event) } },
  );
});

test('A90: an authorization server that is away keeps nobody from being forgotten', () =>
  WebHost.run(async (host) => {
    await host.complete(await host.consented());
    host.server.failAlways('revoke', faults.reset());
    expect(await host.oauth.forgetOwner({ owner: 'alice' })).toEqual([
      { resource: host.mcp.url.href, profile: 'default', refresh_token: 'failed', access_token: 'failed' },
    ]);
    expect(await host.store.personal()).toEqual([]);
  }));

test('a callback that belongs to nobody is told to operators, with its reason and whoever brought it', () => {
  const events: OAuthClientEvent[] = [];
  return WebHost.run(
    async (host) => {
      const login = await host.consented();
      await refusal(host.complete(login, 'mallory'));
      await refusal(host.complete({ ...login, binding: 'of another browser' }));
      await refusal(host.complete({ ...login, callback: new URL('https://host.example/?code=c&state=s') }));
      const refused = events.filter(({ type }) => type === 'authorization_refused');
      expect(refused).toEqual([
        {
          owner: 'mallory',
          type: 'authorization_refused',
          code: 'callback_rejected',
          reason: 'owner_mismatch',
        },
        {
          owner: 'alice',
          type: 'authorization_refused',
          code: 'callback_rejected',
          reason: 'binding_mismatch',
        },
        {
          owner: 'alice',
          type: 'authorization_refused',
          code: 'callback_rejected',
          reason: 'state_mismatch',
        },
      ]);
    },
    { oauth: { onEvent: (event) => void events.push(event) } },
  );
});

test('with many owners every call that means one refuses to guess', () =>
  WebHost.run(async ({ oauth, mcp }) => {
    const nobody = {} as { owner: string };
    const refused = expect.objectContaining({ code: 'invalid_config' });
    expect(() => oauth.session({ resource: mcp.url, ...nobody })).toThrow(refused);
    await expect(oauth.sessions(nobody)).rejects.toEqual(refused);
    await expect(oauth.forgetOwner(nobody)).rejects.toEqual(refused);
    await expect(oauth.partitions(nobody)).rejects.toEqual(refused);
    await expect(
      oauth.completeAuthorization('https://host.example/', { ...nobody, binding: '' }),
    ).rejects.toEqual(refused);
    // @ts-expect-error -- the types refuse it too
    await expect(oauth.sessions()).rejects.toEqual(refused);
    // @ts-expect-error -- the types refuse it too
    await expect(oauth.forgetOwner()).rejects.toEqual(refused);
  }));
