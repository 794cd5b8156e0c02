import { expect, test } from '@jest/globals';
import { discover } from '../../src/discovery/discovery.js';
import type { IssuerChoice } from '../../src/discovery/issuer-choice.js';
import { RegistrationError } from '../../src/errors.js';
import { ScriptedFetch } from '../scripted-fetch.js';
import type { Answer } from '../scripted-fetch.js';

const MCP = 'https://mcp.example/mcp';
const [ONE, TWO, THREE] = ['https://one.example', 'https://two.example', 'https://three.example'] as const;

function metadata(issuer: string, more: object = {}): Response {
  return Response.json({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    code_challenge_methods_supported: ['S256'],
    ...more,
  });
}

/** An MCP server that names these, and what each of them answers for its metadata. */
function servers(offered: readonly string[], answers: Readonly<Record<string, Answer>>): ScriptedFetch {
  const documents = Object.entries(answers).flatMap(([issuer, answer]) => [
    [`${issuer}/.well-known/oauth-authorization-server`, answer] as const,
    [`${issuer}/.well-known/openid-configuration`, answer] as const,
  ]);
  return new ScriptedFetch({
    'https://mcp.example/.well-known/oauth-protected-resource/mcp': () =>
      Response.json({ resource: MCP, authorization_servers: offered }),
    ...Object.fromEntries(documents),
  });
}

const found = async (fetch: ScriptedFetch, choice: IssuerChoice = {}) =>
  (await discover(fetch.http, MCP, {}, undefined, choice)).server.issuer;

const asked = ({ urls }: ScriptedFetch) => new Set(urls.slice(1).map((url) => new URL(url).origin));

const all = { [ONE]: metadata(ONE), [TWO]: metadata(TWO), [THREE]: metadata(THREE) };

test('of several authorization servers the first is taken, and no other is asked', async () => {
  const fetch = servers([TWO, ONE], all);
  expect(await found(fetch)).toBe(TWO);
  expect(asked(fetch)).toEqual(new Set([TWO]));
});

test('the one of the login that stands comes first, as long as the MCP server names it', async () => {
  const fetch = servers([ONE, TWO, THREE], all);
  expect(await found(fetch, { preferred: THREE })).toBe(THREE);
  expect(asked(fetch)).toEqual(new Set([THREE]));
  const moved = servers([ONE, TWO], all);
  expect(await found(moved, { preferred: THREE })).toBe(ONE);
  expect(asked(moved)).toEqual(new Set([ONE]));
});

const unusable: readonly (readonly [string, Answer])[] = [
  ['has no metadata', new Response('', { status: 404 })],
  ['announces no PKCE', metadata(ONE, { code_challenge_methods_supported: undefined })],
  ['has metadata of somebody else', metadata('https://honest.example')],
  ['has an endpoint without https', metadata(ONE, { token_endpoint: 'http://one.example/token' })],
  ['has no code flow', metadata(ONE, { response_types_supported: ['token'] })],
  [
    'wants pushed requests and has no place for them',
    metadata(ONE, { require_pushed_authorization_requests: true }),
  ],
  ['sends too much', () => new Response('x'.repeat(300_000))],
];

test.each(unusable)('one that %s is passed over', async (_, answer) => {
  expect(await found(servers([ONE, TWO], { ...all, [ONE]: answer }))).toBe(TWO);
});

test('one where this client has no way to register is passed over', async () => {
  const fetch = servers([ONE, TWO], {
    ...all,
    [TWO]: metadata(TWO, { registration_endpoint: `${TWO}/register` }),
  });
  const assertUsable: IssuerChoice['assertUsable'] = ({ issuer, registration_endpoint }) => {
    if (registration_endpoint === undefined) throw new RegistrationError(issuer, 'no way');
  };
  expect(await found(fetch, { assertUsable })).toBe(TWO);
});

test('one that is in trouble for the moment is not passed over: the login belongs there', async () => {
  const fetch = servers([ONE, TWO], { ...all, [ONE]: () => new Response('', { status: 503 }) });
  await expect(found(fetch)).rejects.toMatchObject({ code: 'transient' });
  expect(asked(fetch)).toEqual(new Set([ONE]));
});

test('one that is in trouble at one of its addresses, and has nothing at the other, is in trouble', async () => {
  const fetch = new ScriptedFetch({
    'https://mcp.example/.well-known/oauth-protected-resource/mcp': () =>
      Response.json({ resource: MCP, authorization_servers: [ONE, TWO] }),
    [`${ONE}/.well-known/oauth-authorization-server`]: () => new Response('', { status: 503 }),
    [`${TWO}/.well-known/oauth-authorization-server`]: metadata(TWO),
  });
  await expect(found(fetch)).rejects.toMatchObject({ code: 'transient' });
});

test('where none can be used, the error names each with its reason', async () => {
  const fetch = servers([ONE, TWO], {
    [ONE]: metadata(ONE, { code_challenge_methods_supported: ['plain'] }),
    [TWO]: new Response('', { status: 404 }),
  });
  const error: unknown = await found(fetch).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'discovery_failed', resource: MCP });
  const { message, tried } = error as { message: string; tried: readonly string[] };
  expect(tried).toHaveLength(2);
  for (const text of [ONE, 'PKCE', TWO, 'publishes no metadata']) expect(message).toContain(text);
});

test('A22: of many five are tried', async () => {
  const many = Array.from({ length: 50 }, (_, i) => `https://as${String(i)}.example`);
  const fetch = servers(many, {});
  await expect(found(fetch)).rejects.toMatchObject({ code: 'discovery_failed' });
  expect(asked(fetch)).toEqual(new Set(many.slice(0, 5)));
});

test('one that is named twice is asked once', async () => {
  const fetch = servers([ONE, ONE, TWO], { [TWO]: metadata(TWO) });
  expect(await found(fetch)).toBe(TWO);
  expect(fetch.urls.filter((url) => url.startsWith(ONE))).toHaveLength(2);
});

test.each(['configured', 'remembered'] as const)(
  'A67: the %s issuer of a client is the only one that is asked',
  async (origin) => {
    const only = { issuer: TWO, origin };
    const fetch = servers([ONE, TWO, THREE], all);
    expect(await found(fetch, { only, preferred: ONE })).toBe(TWO);
    expect(asked(fetch)).toEqual(new Set([TWO]));
    const useless = servers([TWO, ONE], { ...all, [TWO]: new Response('', { status: 404 }) });
    await expect(found(useless, { only })).rejects.toMatchObject({ code: 'discovery_failed' });
    expect(asked(useless)).toEqual(new Set([TWO]));
  },
);

test.each([
  ['configured', /is configured as the issuer/],
  ['remembered', /configure that as its issuer/],
] as const)(
  'A67: a server that names others than the %s issuer is refused, and nobody is asked',
  async (origin, says) => {
    const fetch = servers([ONE, TWO], all);
    const error: unknown = await found(fetch, { only: { issuer: THREE, origin } }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'issuer_mismatch', expected: THREE, found: ONE });
    const { message } = error as Error;
    for (const text of [MCP, ONE, TWO, THREE]) expect(message).toContain(text);
    expect(message).toMatch(says);
    expect(asked(fetch)).toEqual(new Set());
  },
);

test('a configured issuer differs in the slash of an empty path at most', async () => {
  const only = (issuer: string) => ({ only: { issuer, origin: 'configured' } as const });
  expect(await found(servers([ONE], all), only(`${ONE}/`))).toBe(ONE);
  for (const other of [`${ONE}/t`, 'https://ONE.example', `${ONE}:443`, `${ONE}/?x`])
    await expect(found(servers([ONE], all), only(other))).rejects.toMatchObject({ code: 'issuer_mismatch' });
});

test('A67: a server without resource metadata gets no client of another issuer than its own origin', async () => {
  const own = 'https://mcp.example';
  const fetch = () => new ScriptedFetch({ [`${own}/.well-known/oauth-authorization-server`]: metadata(own) });
  const only = (issuer: string) => ({ only: { issuer, origin: 'remembered' } as const });
  const legacy = fetch();
  await expect(found(legacy, only(ONE))).rejects.toMatchObject({ code: 'issuer_mismatch' });
  expect(legacy.urls.every((url) => url.includes('oauth-protected-resource'))).toBe(true);
  expect(await found(fetch(), only(own))).toBe(own);
});

test('where the MCP server names no authorization server, a configured one is asked, and told the resource', async () => {
  const only = { issuer: ONE, origin: 'configured' } as const;
  const documents = { [`${ONE}/.well-known/oauth-authorization-server`]: metadata(ONE) };
  const nothing = await discover(new ScriptedFetch(documents).http, MCP, {}, undefined, { only });
  expect(nothing).toMatchObject({ server: { issuer: ONE }, resourceIndicator: MCP });
  const none = await discover(servers([], all).http, MCP, {}, undefined, { only });
  expect(none).toMatchObject({ server: { issuer: ONE }, resourceIndicator: MCP });
  await expect(discover(servers([], all).http, MCP, {})).rejects.toThrow(
    /names no authorization server.*issuer/,
  );
});

test.each([`${ONE}/?tenant=a`, `${ONE}/t?x`, `${ONE}/#a`, `${ONE}/t#`])(
  'A69: an issuer %j with a query or a fragment is not asked',
  async (issuer) => {
    const fetch = servers([issuer], all);
    await expect(found(fetch)).rejects.toMatchObject({ code: 'unsafe_url', field: 'authorization_servers' });
    expect(asked(fetch)).toEqual(new Set());
  },
);
