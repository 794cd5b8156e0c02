import { expect, test } from '@jest/globals';
import type { HealthCheckId, HealthReport } from '@mcp-oauth/core';
import { expectNoLeaks, faults } from '@mcp-oauth/e2e';
import type { RefusalFault } from '@mcp-oauth/e2e';
import { REDIRECT_URI, refusal, WebHost } from '../authorization/web-host.js';

const NOTHING = { register: 0, authorize: 0, token: 0, revoke: 0, introspect: 0 };

const problemsOf = ({ findings }: HealthReport): readonly HealthCheckId[] =>
  findings.filter(({ status }) => status === 'problem').map(({ check }) => check);

/** Health names these problems, changes nothing, and is right: a login is refused. */
async function expectProblems(
  breakIt: (host: WebHost) => unknown,
  ...problems: readonly HealthCheckId[]
): Promise<void> {
  await WebHost.run(async (host) => {
    await breakIt(host);
    const report = await host.session.health();
    expect(problemsOf(report)).toEqual(problems);
    expect(report.status).toBe('problem');
    expect(host.server.counts()).toMatchObject(NOTHING);
    expect(await host.store.records()).toEqual([]);
    expectNoLeaks({ report }, host.server.secrets());
    await refusal(host.session.beginAuthorization({ redirectUri: REDIRECT_URI }));
  });
}

/** Health finds no problem, and is right: a login goes through. */
async function expectUsable(
  setUp: (host: WebHost) => void,
  ...warnings: readonly HealthCheckId[]
): Promise<void> {
  await WebHost.run(async (host) => {
    setUp(host);
    const report = await host.session.health();
    expect(problemsOf(report)).toEqual([]);
    const warned = report.findings.filter(({ status }) => status === 'warning').map(({ check }) => check);
    expect(warned).toEqual(['login', ...warnings]);
    await host.complete(await host.consented());
    const answer = await host.session.fetch(host.mcp.url, { method: 'POST', body: '{}' });
    expect(answer.status).not.toBe(401);
    expect(problemsOf(await host.session.health())).toEqual([]);
  });
}

const uselessAnswers: readonly (readonly [string, RefusalFault])[] = [
  ['an error of its own', faults.internalError()],
  ['a web page', faults.htmlOk()],
  ['a list', faults.json(200, [])],
  ['a body without end', faults.endlessBody()],
  ['a connection that is cut', faults.reset('mid_body')],
  ['a redirect to another host', faults.redirect('https://elsewhere.example/')],
  ['too many requests', faults.tooManyRequests('5')],
];

test.each(uselessAnswers)('metadata of the MCP server that is %s is a problem', (_, fault) =>
  expectProblems(({ mcp }) => {
    mcp.failAlways('metadata', fault);
  }, 'resource_metadata'),
);

test.each(uselessAnswers)('metadata of the authorization server that is %s is a problem', (_, fault) =>
  expectProblems(
    ({ server }) => {
      for (const endpoint of ['metadata', 'other'] as const) server.failAlways(endpoint, fault);
    },
    'authorization_server',
    'server_metadata',
  ),
);

test('A70: metadata of another resource is a problem', () =>
  expectProblems(({ mcp }) => {
    mcp.behaviour.metadata = { resource: 'https://other.example/mcp' };
  }, 'resource_metadata'));

test('A03: an unsafe address of the metadata is a problem, and is not asked', () =>
  expectProblems(({ mcp }) => {
    mcp.behaviour.challenge = () => 'Bearer resource_metadata="http://169.254.169.254/latest"';
  }, 'resource_metadata'));

test('an MCP server that names no authorization server is a problem', () =>
  expectProblems(({ mcp }) => {
    mcp.behaviour.metadata = { authorization_servers: [] };
  }, 'authorization_server'));

test('A69: a server that speaks for another issuer is a problem', () =>
  expectProblems(
    ({ server }) => {
      server.behaviour.metadata = { issuer: 'https://other.example' };
    },
    'authorization_server',
    'issuer',
  ));

test('A72: a server without PKCE is a problem', () =>
  expectProblems(
    ({ server }) => {
      server.behaviour.metadata = { code_challenge_methods_supported: undefined };
    },
    'authorization_server',
    'pkce',
  ));

test('every problem of a server is named, not only the first', () =>
  expectProblems(
    ({ server }) => {
      server.behaviour.metadata = {
        issuer: 'https://other.example',
        code_challenge_methods_supported: ['plain'],
        token_endpoint: 'http://as.example/token',
      };
    },
    'authorization_server',
    'issuer',
    'endpoints',
    'pkce',
  ));

test.each(['authorization_endpoint', 'token_endpoint', 'registration_endpoint', 'revocation_endpoint'])(
  'A03: a %s that must not be used is a problem',
  (field) =>
    expectProblems(
      ({ server }) => {
        server.behaviour.metadata = { [field]: 'http://as.example/x' };
      },
      'authorization_server',
      'endpoints',
    ),
);

test('a server at which no client can be had is a problem', () =>
  expectProblems(
    ({ server }) => {
      server.behaviour.registration = false;
    },
    'authorization_server',
    'client',
  ));

test('A75: an MCP server that takes bound tokens alone, at a server that binds none, is a problem', () =>
  expectProblems(
    ({ mcp }) => {
      mcp.behaviour.dpop = 'required';
    },
    'authorization_server',
    'dpop',
  ));

test('a server that wants pushed requests and has no endpoint for them is a problem', () =>
  expectProblems(
    ({ server }) => {
      server.behaviour.metadata = { require_pushed_authorization_requests: true };
    },
    'authorization_server',
    'endpoints',
  ));

test('servers that are down are problems, each by itself', () =>
  expectProblems(
    async ({ server }) => {
      await server.close();
    },
    'authorization_server',
    'server_metadata',
  ));

test('an MCP server that is down is a problem', () =>
  expectProblems(
    async ({ mcp }) => {
      await mcp.close();
    },
    'resource',
    'resource_metadata',
  ));

test('a server as it should be has no problem', () => expectUsable(() => undefined));

test('an MCP server without a challenge has a warning, and can be used', () =>
  expectUsable(({ mcp }) => {
    mcp.behaviour.challenge = () => undefined;
  }, 'challenge'));

test('an MCP server whose challenge is malformed has a warning, and can be used', () =>
  expectUsable(({ mcp }) => {
    mcp.behaviour.challenge = () => 'Bearer realm="';
  }, 'challenge'));

test.each(['path', 'root', 'header_only'] as const)('metadata that lies at %s is found', (placement) =>
  expectUsable(({ mcp }) => {
    mcp.behaviour.metadataPlacement = placement;
  }),
);

test('a first authorization server that is of no use has a warning, and the next one can be used', () =>
  expectUsable(({ mcp, server }) => {
    mcp.behaviour.metadata = { authorization_servers: [`${server.origin}/nobody`, server.issuer] };
  }, 'authorization_server'));

test('bound tokens that both servers offer are no problem', () =>
  expectUsable(({ mcp, server }) => {
    mcp.behaviour.dpop = 'required';
    server.behaviour.dpop = 'offered';
  }));

test('a clock that is two minutes off has a warning', () =>
  WebHost.run(
    async ({ session }) => {
      const { findings } = await session.health();
      expect(findings.at(-1)).toMatchObject({ check: 'clock', status: 'warning' });
      expect(findings.at(-1)?.message).toMatch(/is (119|120|121) s behind/);
    },
    { oauth: { now: () => Date.now() + 120_000 } },
  ));
