import { expect, test } from '@jest/globals';
import { expectNoLeaks, faults, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { RefusalFault } from '@mcp-oauth/e2e';
import { REDIRECT_URI, refusal, WebHost } from './web-host.js';
import type { WebHostOptions } from './web-host.js';

const NOTHING_SENT = { register: 0, authorize: 0, token: 0, revoke: 0 };

/** A server turns bad while alice's login waits: the next one is refused, and the one that waits still completes. */
async function expectRefusedBegin(
  turnBad: (host: WebHost) => void,
  expected: Readonly<Record<string, unknown>>,
  options: WebHostOptions = {},
): Promise<void> {
  await WebHost.run(async (host) => {
    const waiting = await host.consented();
    host.server.clearLog();
    host.mcp.clearLog();
    const before = await host.store.records();
    turnBad(host);
    // Another person, whom nothing is remembered of.
    const begin = host.sessionOf('bob').beginAuthorization({ redirectUri: REDIRECT_URI });
    const error = await refusal(begin);
    expect(error).toMatchObject(expected);
    expectNoLeaks({ error }, [...host.server.secrets(), 'wonderland-is-secret']);
    expect(host.server.counts()).toMatchObject(NOTHING_SENT);
    expect(await host.store.records()).toEqual(before);
    await host.complete(waiting);
    await host.expectLoggedIn();
  }, options);
}

const evilAuthorizationEndpoints = [
  ['A31', 'file:///etc/passwd'],
  ['A31', 'ms-msdt:/id PCWDiagnostic'],
  ['A31', 'ms-msdt:/id'],
  ['A31', 'smb://evil.example/share'],
  ['A31', 'vscode://evil/run'],
  ['A31', 'search-ms:query=x'],
  ['A31', 'ftp://evil.example/'],
  ['A31', 'about:blank'],
  ['A31', 'blob:https://evil.example/1'],
  ['A32', 'javascript:alert(1)'],
  ['A32', 'JAVASCRIPT:alert(1)'],
  ['A32', ' javascript:alert(1)'],
  ['A32', 'java\nscript:alert(1)'],
  ['A32', 'vbscript:msgbox'],
  ['A32', 'data:text/html,<script>alert(1)</script>'],
  ['A33', 'http://evil.example/authorize'],
  ['A33', 'http://127.0.0.1.evil.example/authorize'],
  ['A15', 'https://alice:wonderland-is-secret@as.example/authorize'],
  ['A17', 'https://as.example/authorize\u0000'],
  ['A17', `https://as.example/${'a'.repeat(8_200)}`],
] as const;

test.each(evilAuthorizationEndpoints)('%s: an authorization endpoint %j is never opened', (_, url) =>
  expectRefusedBegin(
    ({ server }) => {
      server.behaviour.metadata = { authorization_endpoint: url };
    },
    { code: 'unsafe_url', field: 'authorization_endpoint' },
  ),
);

test.each([
  'token_endpoint',
  'registration_endpoint',
  'revocation_endpoint',
  'pushed_authorization_request_endpoint',
  'device_authorization_endpoint',
])('A03: a %s that is no https address is refused when the metadata is read', async (field) => {
  for (const url of ['file:///tmp/x', 'blob:x', 'ftp://as.example/', 'about:blank', 'http://as.example/']) {
    await expectRefusedBegin(
      ({ server }) => {
        server.behaviour.metadata = { [field]: url };
      },
      { code: 'unsafe_url', field },
    );
  }
});

test.each([
  ['A02', 'data:application/json,%7B%22resource%22%3A%22x%22%7D'],
  ['A03', 'file:///etc/passwd'],
  ['A03', 'http://169.254.169.254/latest/meta-data'],
])('%s: a resource_metadata of %j is not fetched', (_, url) =>
  expectRefusedBegin(
    ({ mcp }) => {
      mcp.behaviour.challenge = () => `Bearer resource_metadata="${url}"`;
    },
    { code: 'unsafe_url', field: 'resource_metadata' },
  ),
);

test.each(['file:///etc/passwd', 'data:,x', 'http://as.example'])(
  'A03: an authorization server %j is not asked',
  (issuer) =>
    expectRefusedBegin(
      ({ mcp }) => {
        mcp.behaviour.metadata = { authorization_servers: [issuer] };
      },
      { code: 'unsafe_url', field: 'authorization_servers' },
    ),
);

test.each([
  ['another server', 'https://honest.example'],
  ['a path of the same host', undefined],
  ['nothing', ''],
])('A69: metadata that names %s as issuer is not used', (_, issuer) =>
  expectRefusedBegin(
    ({ server }) => {
      server.behaviour.metadata = { issuer: issuer ?? `${server.issuer}/tenant` };
    },
    { code: 'issuer_mismatch' },
  ),
);

test.each([
  ['another host', () => 'https://victim.example/mcp'],
  ['another path of the same host', (origin: string) => `${origin}/other`],
  ['a path that only begins alike', (origin: string) => `${origin}/mc`],
  ['a deeper path', (origin: string) => `${origin}/mcp/deeper`],
  ['another port', () => 'http://127.0.0.1:1/mcp'],
  ['nothing', () => undefined],
])('A70: metadata that speaks for %s is refused before any authorization server is asked', (_, resource) =>
  WebHost.run(async (host) => {
    host.mcp.behaviour.metadata = { resource: resource(host.mcp.origin) };
    const error = await refusal(host.session.beginAuthorization({ redirectUri: REDIRECT_URI }));
    expect(error).toMatchObject({ code: 'resource_mismatch' });
    expect(host.server.log()).toEqual([]);
    expect(await host.store.personal()).toEqual([]);
  }),
);

test('A71: metadata for the whole origin covers the server, and is sent exactly as advertised', () =>
  WebHost.run(async (host) => {
    const resource = `${host.mcp.origin}/`;
    host.mcp.behaviour.metadata = { resource };
    const login = await host.consented();
    expect(login.authorizationUrl.searchParams.getAll('resource')).toEqual([resource]);
    await host.complete(login);
    expect(host.server.families()).toMatchObject([{ resource }]);
  }));

test.each([
  ['says nothing about PKCE', undefined],
  ['has plain only', ['plain']],
  ['says it in another shape', 'S256'],
  ['has an empty list', []],
])('A72: an authorization server that %s is refused', (_, methods) =>
  expectRefusedBegin(
    ({ server }) => {
      server.behaviour.metadata = { code_challenge_methods_supported: methods };
    },
    { code: 'pkce_unsupported' },
  ),
);

test('A37: what a server presets in its authorization endpoint is replaced, each parameter stands once', () =>
  WebHost.run(async (host) => {
    const presets = new URLSearchParams({
      redirect_uri: 'https://evil.example/',
      code_challenge: 'x',
      code_challenge_method: 'plain',
      response_mode: 'fragment',
      response_type: 'token',
      state: 'k',
      client_id: 'z',
      request: 'eyJ',
      request_uri: 'https://evil.example/request',
      resource: 'https://victim.example/',
      scope: 'everything',
      nonce: 'n',
      prompt: 'none',
      tenant: 'a',
    });
    const endpoint = `${host.server.issuer}/authorize?${String(presets)}&state=second#fragment`;
    host.server.behaviour.metadata = { authorization_endpoint: endpoint };
    const login = await host.consented();
    const { searchParams, hash } = login.authorizationUrl;
    expect(hash).toBe('');
    expect([...searchParams.keys()].sort()).toEqual([
      'client_id',
      'code_challenge',
      'code_challenge_method',
      'redirect_uri',
      'resource',
      'response_type',
      'scope',
      'state',
      'tenant',
    ]);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      redirect_uri: REDIRECT_URI,
      response_type: 'code',
      code_challenge_method: 'S256',
      resource: host.mcp.url.href,
      scope: 'mcp:tools',
      tenant: 'a',
    });
    await host.complete(login);
    await host.expectLoggedIn();
  }));

test('A10: metadata that redirects to another origin is not followed', async () => {
  const elsewhere = await startStrictAuthorizationServer();
  try {
    await expectRefusedBegin(
      ({ mcp }) => {
        mcp.failAlways('metadata', faults.redirect(`${elsewhere.origin}/latest/meta-data`, 302));
      },
      { code: 'discovery_failed' },
    );
    expect(elsewhere.log()).toEqual([]);
  } finally {
    await elsewhere.close();
  }
});

test.each([301, 302, 303, 307, 308])(
  'A11: a token request that is answered with %i is sent nowhere else',
  async (status) => {
    const elsewhere = await startStrictAuthorizationServer();
    try {
      await WebHost.run(async (host) => {
        const login = await host.consented();
        host.server.failAlways('token', faults.redirect(`${elsewhere.origin}/token`, status));
        expect(await refusal(host.complete(login))).toMatchObject({ code: 'transient' });
        expect(elsewhere.log()).toEqual([]);
      });
    } finally {
      await elsewhere.close();
    }
  },
);

const uselessMetadata: readonly (readonly [string, RefusalFault, string])[] = [
  ['A19: endless metadata', faults.endlessBody(), 'limit_exceeded'],
  ['A23: a captive portal', faults.htmlOk(), 'discovery_failed'],
  ['A23: null', faults.json(200, null), 'discovery_failed'],
  ['A23: a list', faults.json(200, []), 'discovery_failed'],
  ['A23: a text', faults.json(200, 'x'), 'discovery_failed'],
  ['B62: a server in trouble', faults.unavailableHtml(), 'transient'],
  ['B62: too many requests', faults.tooManyRequests('5'), 'transient'],
  ['B62: a connection that is cut', faults.reset('mid_body'), 'transient'],
];

test.each(uselessMetadata)(
  '%s of the MCP server begins no login, and none that waits is lost',
  (_, fault, code) =>
    expectRefusedBegin(
      ({ mcp }) => {
        mcp.failAlways('metadata', fault);
      },
      { code },
    ),
);

test.each(uselessMetadata)(
  '%s of the authorization server begins no login, and none that waits is lost',
  (_, fault, code) =>
    expectRefusedBegin(
      ({ server }) => {
        // The strict server applies queued faults in order, for every well-known address that is tried.
        server.failAlways('metadata', fault);
        server.failAlways('other', fault);
      },
      { code },
    ),
);

test('A21: metadata that trickles ends after ten seconds', async () => {
  const began = performance.now();
  await expectRefusedBegin(
    ({ mcp }) => {
      mcp.failAlways('metadata', faults.slowBody(500, 'x'.repeat(1_000)));
    },
    { code: 'transient' },
  );
  expect(performance.now() - began).toBeLessThan(40_000);
}, 60_000);

test("A14: requests to the authorization server carry none of the transport's headers", () =>
  WebHost.run(async (host) => {
    await host.complete(await host.consented());
    host.server.expireAccessTokens();
    const headers = { 'x-api-key': 'cnry_apikey_' + 'a'.repeat(32), cookie: 'session=1' };
    await host.session.fetch(host.mcp.url, { method: 'POST', headers, body: '{}' });
    const requests = host.server.log().filter(({ endpoint }) => endpoint !== 'introspect');
    expect(requests.map(({ grantType }) => grantType)).toContain('refresh_token');
    for (const { headerNames } of requests) {
      expect(headerNames).not.toContain('x-api-key');
      expect(headerNames).not.toContain('cookie');
    }
  }));
