import { expect, test } from '@jest/globals';
import { canary, expectNoLeaks, faults } from '@mcp-oauth/e2e';
import type { Fault } from '@mcp-oauth/e2e';
import { refusal, WebHost } from './web-host.js';

type Fields = Readonly<Record<string, unknown>>;

/** A token response that can't be used: nothing is stored, no part of it shows, and the next login works. */
async function expectUnusable(change: (response: Fields) => Fields, expected: Fields): Promise<void> {
  await WebHost.run(async (host) => {
    const login = await host.consented();
    const told: string[] = [];
    host.server.behaviour.tokenResponse = (response) => {
      const changed = change(response);
      told.push(
        ...Object.values(changed)
          .filter((value) => typeof value === 'string' && value.length >= 16)
          .map(String),
      );
      return changed;
    };
    const error = await refusal(host.complete(login));
    expect(error).toMatchObject(expected);
    expectNoLeaks({ error }, [...host.server.secrets(), ...told]);
    expect(await host.session.status()).toMatchObject({ state: 'logged_out' });
    host.server.behaviour.tokenResponse = (response) => response;
    await host.complete(await host.consented());
    await host.expectLoggedIn();
  });
}

const unusable = { code: 'token_request_failed' };

test.each([
  ['a line break', 'a\r\nX-Admin: 1'],
  ['a NUL', 'abc\u0000def'],
  ['a blank', 'abc def'],
  ['a letter beyond ASCII', 'tökén'],
  ['nothing', ''],
  ['17 000 characters', 'a'.repeat(17_000)],
  ['a number', 12345],
  ['an object', { value: 'a' }],
])('A74: an access token that holds %s is not taken', (_, access_token) =>
  expectUnusable((response) => ({ ...response, access_token }), unusable),
);

test('A74: a token response without an access token is not taken', () =>
  expectUnusable((response) => ({ ...response, access_token: undefined }), unusable));

test.each([
  ['a line break', 'a\nb'],
  ['17 000 characters', 'a'.repeat(17_000)],
  ['a list', ['a']],
])('A74: a refresh token that holds %s is not taken', (_, refresh_token) =>
  expectUnusable((response) => ({ ...response, refresh_token }), unusable),
);

test('A74: a token response of five megabytes is not read to its end', () =>
  expectUnusable((response) => ({ ...response, padding: 'a'.repeat(5_000_000) }), {
    code: 'limit_exceeded',
  }));

test.each(['mac', 'DPoP', 'N_A', 7])('A75: the token type %j is not taken', (token_type) =>
  expectUnusable((response) => ({ ...response, token_type }), unusable),
);

test.each(['bearer', 'BEARER', undefined])('A75: the token type %j is Bearer', (token_type) =>
  WebHost.run(async (host) => {
    host.server.behaviour.tokenResponse = (response) => ({ ...response, token_type });
    await host.complete(await host.consented());
    await host.expectLoggedIn();
  }),
);

const access = canary('access');
const refresh = canary('refresh');
const echo = JSON.stringify({ access_token: access, refresh_token: refresh, error: 'invalid_grant' });
const json = { 'content-type': 'application/json' };

const echoes: readonly (readonly [string, Fault, string])[] = [
  ['a refusal with tokens in it', faults.respond(400, echo, json), 'token_request_failed'],
  [
    'a refusal with tokens in its description',
    faults.oauthError('invalid_grant', 400, `not ${access}`),
    'token_request_failed',
  ],
  ['a refusal with a token as its code', faults.oauthError(refresh), 'token_request_failed'],
  ['JSON that is cut within a token', faults.respond(400, echo.slice(0, 60), json), 'token_request_failed'],
  [
    'a form with a token',
    faults.respond(200, `access_token=${access}&token_type=bearer`),
    'token_request_failed',
  ],
  ['a success that is cut', faults.respond(200, echo.slice(0, 60), json), 'token_request_failed'],
  ['a page with tokens', faults.respond(200, `<title>${access}</title>`), 'token_request_failed'],
  ['a failure with tokens', faults.respond(500, echo, json), 'transient'],
  [
    'a challenge with a token',
    faults.respond(401, '{"error":"invalid_client"}', {
      ...json,
      'www-authenticate': `Basic realm="${access}"`,
    }),
    'token_request_failed',
  ],
  ['a redirect with a token', faults.redirect(`https://evil.example/?token=${access}`), 'transient'],
  [
    'a status line and header with a token',
    faults.respond(429, access, { 'retry-after': access }),
    'transient',
  ],
];

test.each(echoes)('A83: nothing of %s shows in the error', (_, fault, code) =>
  WebHost.run(async (host) => {
    const login = await host.consented();
    host.server.fail('token', fault);
    const error = await refusal(host.complete(login));
    expect(error.code).toBe(code);
    const verifier = login.authorizationUrl.searchParams.get('code_challenge') ?? '';
    expectNoLeaks({ error }, [access, refresh, verifier, login.binding, ...host.server.secrets()]);
    expect(await host.session.status()).toMatchObject({ state: 'logged_out' });
    await host.complete(await host.consented());
    await host.expectLoggedIn();
  }),
);

test('A83: nothing of a refused registration shows but its own words, printable and short', () =>
  WebHost.run(async (host) => {
    const description = `\u001b[2J${'no '.repeat(200)}`;
    host.server.failAlways('register', faults.oauthError('invalid_redirect_uri', 400, description));
    const error = await refusal(host.consented());
    expect(error).toMatchObject({ code: 'registration_failed', error: 'invalid_redirect_uri' });
    expect(error.message).not.toContain('\u001b');
    expect(error.message.length).toBeLessThan(400);
    expect(host.server.counts()).toMatchObject({ authorize: 0, token: 0 });
    host.server.heal();
    await host.complete(await host.consented());
    await host.expectLoggedIn();
  }));

test('a client that the server has forgotten is registered anew by the next login, once', () =>
  WebHost.run(async (host) => {
    const login = await host.consented();
    host.server.forgetClient(login.authorizationUrl.searchParams.get('client_id') ?? '');
    expect(await refusal(host.complete(login))).toMatchObject({
      code: 'token_request_failed',
      error: 'invalid_client',
    });
    await host.complete(await host.consented());
    await host.expectLoggedIn();
    expect(host.server.counts().register).toBe(2);
  }));

test('a store, an event and a printed client show no token of a login', async () => {
  const events: unknown[] = [];
  await WebHost.run(
    async (host) => {
      await host.complete(await host.consented());
      host.server.expireAccessTokens();
      await host.session.fetch(host.mcp.url, { method: 'POST', body: '{}' });
      expect(events).not.toHaveLength(0);
      const status = await host.session.status();
      expectNoLeaks(
        { events, status, session: host.session, oauth: host.oauth, keys: await host.store.records() },
        host.server.secrets(),
      );
    },
    { oauth: { onEvent: (event) => events.push(event) } },
  );
});
