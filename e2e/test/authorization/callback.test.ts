import { expect, test } from '@jest/globals';
import { expectNoLeaks, person, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import { altered, REDIRECT_URI, refusal, WebHost } from './web-host.js';

test('A42: a callback without a state is refused, and the honest login still completes', () =>
  WebHost.run(async (host) => {
    const login = await host.consented();
    const callback = altered(login.callback, 'state', undefined);
    await host.expectRefusedWithoutHarm(login, { callback }, 'state_mismatch');
  }));

test.each(['//[', '//host:99999'])(
  'A42: a callback at %s, which is no address, is refused, shows nothing of itself, and the honest login still completes',
  (garbage) =>
    WebHost.run(async (host) => {
      const login = await host.consented();
      const callback = `${garbage}/callback${login.callback.search}`;
      await host.expectRefusedWithoutHarm(login, { callback }, 'state_mismatch');
    }),
);

const wrongStates: readonly (readonly [string, (state: string) => string])[] = [
  ['empty', () => ''],
  ['made up', () => 'x'],
  ['one character short', (state) => state.slice(0, -1)],
  ['different in its first character', (state) => (state.startsWith('A') ? 'B' : 'A') + state.slice(1)],
  ['different in its last bytes', (state) => state.slice(0, -4) + (state.endsWith('AAAA') ? 'BBBB' : 'AAAA')],
  ['followed by more', (state) => `${state}AAAA`],
  ['enormous', (state) => state.repeat(200)],
  ['a look-alike', (state) => state.replace(/[a-z]/, 'а')],
];

test.each(wrongStates)(
  'A43: a state that is %s is refused, and the honest login still completes',
  (_, wrong) =>
    WebHost.run(async (host) => {
      const login = await host.consented();
      const state = wrong(login.callback.searchParams.get('state') ?? '');
      await host.expectRefusedWithoutHarm(
        login,
        { callback: altered(login.callback, 'state', state) },
        'state_mismatch',
      );
    }),
);

test('A43: a state in array notation is no state', () =>
  WebHost.run(async (host) => {
    const login = await host.consented();
    const callback = altered(login.callback, 'state', undefined);
    callback.searchParams.set('state[]', login.callback.searchParams.get('state') ?? '');
    await host.expectRefusedWithoutHarm(login, { callback }, 'state_mismatch');
  }));

test('A62: a state of another host, whose store holds another secret, opens no flow here', () =>
  WebHost.run((stranger) =>
    WebHost.run(async (host) => {
      const login = await host.consented();
      const { callback } = await stranger.consented();
      await host.expectRefusedWithoutHarm(login, { callback }, 'state_mismatch');
    }),
  ));

test.each(['state', 'code', 'iss'])('A43: a callback that repeats %s is refused', (name) =>
  WebHost.run(async (host) => {
    const login = await host.consented();
    const callback = new URL(login.callback);
    callback.searchParams.append(name, callback.searchParams.get(name) ?? '');
    await host.expectRefusedWithoutHarm(login, { callback }, 'duplicate_parameter');
  }),
);

test('A51: a callback that comes twice is exchanged once, and the login stays', () =>
  WebHost.run(async (host) => {
    const login = await host.consented();
    await host.complete(login);
    const error = await refusal(host.complete(login));
    expect(error).toMatchObject({ code: 'callback_rejected', reason: 'unknown_flow' });
    expect(host.server.counts().token).toBe(1);
    await host.expectLoggedIn();
    expect(host.server.families()).toMatchObject([{ revoked: undefined }]);
  }));

test('A51: of twenty callbacks at once one is exchanged', () =>
  WebHost.run(async (host) => {
    const login = await host.consented();
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => host.complete(login)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(host.server.counts().token).toBe(1);
    await host.expectLoggedIn();
  }));

test("A44: an error without a known state ends nobody's login", () =>
  WebHost.run(async (host) => {
    const login = await host.consented();
    const callback = new URL(`${REDIRECT_URI}?error=access_denied`);
    await host.expectRefusedWithoutHarm(login, { callback }, 'state_mismatch');
  }));

test("A44: an error that another server sends ends nobody's login", () =>
  WebHost.run(async (host) => {
    const login = await host.consented();
    const callback = altered(altered(login.callback, 'code', undefined), 'error', 'access_denied');
    callback.searchParams.set('iss', 'https://evil.example');
    await host.expectRefusedWithoutHarm(login, { callback }, 'iss_mismatch');
  }));

const wrongIssuers: readonly (readonly [string, (issuer: string) => string])[] = [
  ['another server', () => 'https://evil.example'],
  ['the issuer with a slash', (issuer) => `${issuer}/`],
  ['the issuer in upper case', (issuer) => issuer.toUpperCase()],
  ['the issuer percent-encoded', (issuer) => encodeURIComponent(issuer)],
  ['empty', () => ''],
];

test.each(wrongIssuers)('A53: an iss that is %s is refused', (_, wrong) =>
  WebHost.run(async (host) => {
    const login = await host.consented();
    const callback = altered(login.callback, 'iss', wrong(host.server.issuer));
    await host.expectRefusedWithoutHarm(login, { callback }, 'iss_mismatch');
  }),
);

test('A54: a missing iss is refused where the server announces it', () =>
  WebHost.run(async (host) => {
    const login = await host.consented();
    const callback = altered(login.callback, 'iss', undefined);
    await host.expectRefusedWithoutHarm(login, { callback }, 'iss_missing');
  }));

test('a missing iss is nothing to complain about where the server does not announce it', () =>
  WebHost.run(
    async (host) => {
      const login = await host.consented();
      expect(login.callback.searchParams.has('iss')).toBe(false);
      await host.complete(login);
      await host.expectLoggedIn();
    },
    {
      server: {
        callbackIss: 'omitted',
        metadata: { authorization_response_iss_parameter_supported: undefined },
      },
    },
  ));

test('a wrong iss is refused even where the server does not announce it', () =>
  WebHost.run(
    async (host) => {
      const login = await host.consented();
      const callback = altered(login.callback, 'iss', 'https://evil.example');
      await host.expectRefusedWithoutHarm(login, { callback }, 'iss_mismatch');
    },
    { server: { metadata: { authorization_response_iss_parameter_supported: false } } },
  ));

test('a callback with neither code nor error is refused, and the honest login still completes', () =>
  WebHost.run(async (host) => {
    const login = await host.consented();
    await host.expectRefusedWithoutHarm(
      login,
      { callback: altered(login.callback, 'code', undefined) },
      'missing_code',
    );
  }));

test('A61: a callback that another owner brings is refused', () =>
  WebHost.run(async (host) => {
    const login = await host.consented();
    await host.expectRefusedWithoutHarm(login, { owner: 'mallory' }, 'owner_mismatch');
  }));

test.each([
  ['an empty binding', ''],
  ['the binding of another browser', 'another-browser'],
])('A61: a callback with %s is refused', (_, binding) =>
  WebHost.run(async (host) => {
    const login = await host.consented();
    await host.expectRefusedWithoutHarm(login, { binding }, 'binding_mismatch');
  }),
);

test('A61: the binding of one flow does not fit another of the same owner', () =>
  WebHost.run(async (host) => {
    const other = await host.session.beginAuthorization({ redirectUri: REDIRECT_URI });
    const login = await host.consented();
    await host.expectRefusedWithoutHarm(login, { binding: other.binding }, 'binding_mismatch');
  }));

test('A59: a flow is good for ten minutes and no longer', async () => {
  let ahead = 0;
  await WebHost.run(
    async (host) => {
      const early = await host.consented();
      ahead = 9.9 * 60_000;
      await host.complete(early);
      const late = await host.consented();
      host.server.clearLog();
      ahead += 10 * 60_000;
      const error = await refusal(host.complete(late));
      expect(error).toMatchObject({ code: 'callback_rejected', reason: 'unknown_flow' });
      expect(host.server.counts().token).toBe(0);
    },
    { oauth: { now: () => Date.now() + ahead }, server: { accessTokenTtl: 86_400 } },
  );
});

test('A59: a flow that was invalidated is unknown, and what its owner holds stays', () =>
  WebHost.run(async (host) => {
    await host.complete(await host.consented());
    const login = await host.consented();
    await host.session.invalidate('verifier');
    host.server.clearLog();
    const error = await refusal(host.complete(login));
    expect(error).toMatchObject({ code: 'callback_rejected', reason: 'unknown_flow' });
    expect(host.server.counts().token).toBe(0);
    await host.expectLoggedIn();
  }));

test('beyond twenty flows of one owner the oldest ends, and the newest completes', () =>
  WebHost.run(async (host) => {
    const oldest = await host.consented();
    for (let i = 0; i < 20; i++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      await host.session.beginAuthorization({ redirectUri: REDIRECT_URI });
    }
    expect((await host.store.personal()).filter((record) => record.includes('/pending-'))).toHaveLength(20);
    expect(await refusal(host.complete(oldest))).toMatchObject({ reason: 'unknown_flow' });
    await host.complete(await host.consented());
    await host.expectLoggedIn();
  }));

test('a login that was begun before its owner logged out is not completed after it', () =>
  WebHost.run(async (host) => {
    const login = await host.consented();
    await host.session.revoke();
    expect(await refusal(host.complete(login))).toMatchObject({ code: 'callback_rejected' });
    expect(await host.session.status()).toMatchObject({ state: 'logged_out' });
    expect(await host.store.personal()).toEqual([]);
  }));

test('a declined login says so, ends its flow, and leaves an earlier login as it was', () =>
  WebHost.run(async (host) => {
    await host.complete(await host.consented());
    const { authorizationUrl, binding } = await host.session.beginAuthorization({
      redirectUri: REDIRECT_URI,
    });
    const callback = new URL(await person.consent(authorizationUrl, { decision: 'deny' }));
    host.server.clearLog();
    expect(await refusal(host.complete({ callback, binding }))).toMatchObject({
      code: 'authorization_denied',
      error: 'access_denied',
    });
    expect(await refusal(host.complete({ callback, binding }))).toMatchObject({ reason: 'unknown_flow' });
    expect(host.server.counts().token).toBe(0);
    await host.expectLoggedIn();
  }));

test('A82: an error that a server makes up reaches nobody as it is', () =>
  WebHost.run(async (host) => {
    const login = await host.consented();
    const callback = altered(login.callback, 'error', '\u001b[2J\r\nINFO login ok');
    callback.searchParams.delete('code');
    callback.searchParams.set('error_description', 'cnry_secret_0123456789abcdef0123456789abcdef');
    const error = await refusal(host.complete({ ...login, callback }));
    expect(error).toMatchObject({ code: 'authorization_denied', error: 'unknown_error' });
    expect(error.message).not.toMatch(/[\u0000-\u001f]/);
    expectNoLeaks({ error });
  }));

test('A55: an authorization server that the MCP server swaps in between gets nothing', async () => {
  const evil = await startStrictAuthorizationServer();
  try {
    await WebHost.run(async (host) => {
      const login = await host.consented();
      host.mcp.behaviour.metadata = { authorization_servers: [evil.issuer] };
      await host.complete(login);
      await host.expectLoggedIn();
      expect(evil.log()).toEqual([]);
      expect(host.server.counts().token).toBe(1);
    });
  } finally {
    await evil.close();
  }
});

test('A55: a token endpoint that the server moves in between gets nothing', async () => {
  const evil = await startStrictAuthorizationServer();
  try {
    await WebHost.run(async (host) => {
      const login = await host.consented();
      host.server.behaviour.metadata = { token_endpoint: `${evil.issuer}/token` };
      await host.complete(login);
      expect(evil.log()).toEqual([]);
    });
  } finally {
    await evil.close();
  }
});
