import { expect, test } from '@jest/globals';
import { expectNoLeaks, faults } from '@mcp-oauth/e2e';
import { REDIRECT_URI, refusal, WebHost } from './web-host.js';

const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('revoke ends both tokens at the server, and leaves nothing of the owner in the store', () =>
  WebHost.run(async (host) => {
    await host.complete(await host.consented());
    await host.session.beginAuthorization({ redirectUri: REDIRECT_URI });
    await host.complete(await host.consented(host.sessionOf('bob')), 'bob');
    const bobs = (await host.store.personal()).length;
    const token = await host.session.accessToken();
    expect(await host.server.verify(token)).not.toBeNull();
    const report = await host.session.revoke();
    expect(report).toEqual({ refresh_token: 'revoked', access_token: 'revoked' });
    expect(host.server.families()).toMatchObject([{ revoked: 'revocation' }, { revoked: undefined }]);
    expect(await host.server.verify(token)).toBeNull();
    const asked = host.server.log().filter(({ endpoint }) => endpoint === 'revoke');
    expect(asked.map(({ presented }) => presented)).toEqual(['family-1/refresh-1', 'family-1/access-1']);
    const left = await host.store.personal();
    expect(left.length).toBeLessThan(bobs);
    expect(new Set(left.map((record) => record.split('/')[0])).size).toBe(1);
    await host.sessionOf('bob').accessToken();
    expect(await refusal(host.session.accessToken())).toMatchObject({
      code: 'authorization_required',
      reason: 'no_grant',
    });
  }));

test('revoke of nothing is fine, and asks nobody', () =>
  WebHost.run(async (host) => {
    expect(await host.session.revoke()).toEqual({ refresh_token: 'absent', access_token: 'absent' });
    expect(host.server.log()).toEqual([]);
    expect(await host.store.personal()).toEqual([]);
  }));

test.each([
  ['is in trouble', faults.internalError()],
  ['cuts the connection', faults.reset()],
  ['sends it elsewhere', faults.redirect('https://evil.example/revoke')],
])('A90: a server that %s keeps nobody from logging out', (_, fault) =>
  WebHost.run(async (host) => {
    await host.complete(await host.consented());
    host.server.failAlways('revoke', fault);
    const report = await host.session.revoke();
    expect(report).toEqual({ refresh_token: 'failed', access_token: 'failed' });
    expectNoLeaks({ report }, host.server.secrets());
    expect(await host.store.personal()).toEqual([]);
    expect(await host.session.status()).toMatchObject({ state: 'logged_out' });
  }),
);

test('revoke says so where the server has no revocation endpoint', () =>
  WebHost.run(
    async (host) => {
      await host.complete(await host.consented());
      expect(await host.session.revoke()).toEqual({
        refresh_token: 'unsupported',
        access_token: 'unsupported',
      });
      expect(host.server.counts().revoke).toBe(0);
      expect(await host.store.personal()).toEqual([]);
    },
    { server: { metadata: { revocation_endpoint: undefined } } },
  ));

test('B31: a refresh that is in flight during revoke does not bring the login back, here or at the server', () =>
  WebHost.run(async (host) => {
    await host.complete(await host.consented());
    host.server.clearLog();
    host.server.expireAccessTokens();
    // The server rotates at once and answers late, so that the revoked refresh token is not the newest.
    host.server.fail('token', faults.processThenWait(800));
    const call = host.session.fetch(host.mcp.url, { method: 'POST', body: '{}' });
    const outcome = refusal(call);
    while (host.server.families()[0]?.generation !== 2) await soon(10);
    await host.session.revoke();
    expect(await host.session.status()).toMatchObject({ state: 'logged_out' });
    expect(await outcome).toMatchObject({ code: 'authorization_required' });
    expect(host.server.families()).toMatchObject([{ revoked: 'revocation' }]);
    expect(await host.store.personal()).toEqual([]);
    expect(await refusal(host.session.accessToken())).toMatchObject({ reason: 'no_grant' });
  }));

test('B31: a refresh that reaches the server only after revoke brings nothing back', () =>
  WebHost.run(async (host) => {
    await host.complete(await host.consented());
    host.server.clearLog();
    host.server.expireAccessTokens();
    host.server.behaviour.tokenLatencyMs = 600;
    const outcome = refusal(host.session.fetch(host.mcp.url, { method: 'POST', body: '{}' }));
    while (host.server.counts().token === 0) await soon(10);
    await host.session.revoke();
    expect(await outcome).toMatchObject({ code: 'authorization_required' });
    expect(await host.store.personal()).toEqual([]);
    expect(host.server.families()).toMatchObject([{ revoked: 'revocation', generation: 1 }]);
  }));

test('B31: a login whose code is being exchanged during revoke is given back at the server, and not kept', () =>
  WebHost.run(async (host) => {
    const login = await host.consented();
    host.server.fail('token', faults.processThenWait(500));
    const outcome = refusal(host.complete(login));
    while (host.server.families().length === 0) await soon(10);
    await host.session.revoke();
    const next = await host.consented();
    expect(await outcome).toMatchObject({ code: 'callback_rejected', reason: 'unknown_flow' });
    expect(host.server.families()).toMatchObject([{ revoked: 'revocation' }]);
    expect(await host.session.status()).toMatchObject({ state: 'logged_out' });
    await host.complete(next);
    await host.expectLoggedIn();
  }));

test('B31: a login that completes while revoke waits for the server is revoked as well', () =>
  WebHost.run(async (host) => {
    await host.complete(await host.consented());
    const second = await host.consented();
    host.server.fail('revoke', faults.processThenWait(500));
    const revoked = host.session.revoke();
    while (host.server.counts().revoke === 0) await soon(10);
    await host.complete(second);
    await revoked;
    expect(host.server.families()).toMatchObject([{ revoked: 'revocation' }, { revoked: 'revocation' }]);
    expect(await host.store.personal()).toEqual([]);
    expect(await refusal(host.session.accessToken())).toMatchObject({ reason: 'no_grant' });
  }));

test('invalidate tells no server, and forgets the kind that it names', () =>
  WebHost.run(async (host) => {
    await host.complete(await host.consented());
    host.server.clearLog();
    await host.session.invalidate('discovery');
    await host.expectLoggedIn();
    await host.session.invalidate('tokens');
    expect(await host.session.status()).toMatchObject({ state: 'logged_out' });
    expect((await host.store.records()).some((record) => record.startsWith('registrations/'))).toBe(true);
    await host.session.beginAuthorization({ redirectUri: REDIRECT_URI });
    await host.session.invalidate('client');
    expect((await host.store.records()).some((record) => record.startsWith('registrations/'))).toBe(false);
    await host.session.invalidate('all');
    expect(await host.store.personal()).toEqual([]);
    expect(host.server.counts()).toMatchObject({ revoke: 0, token: 0 });
    expect(host.server.families()).toMatchObject([{ revoked: undefined }]);
  }));
