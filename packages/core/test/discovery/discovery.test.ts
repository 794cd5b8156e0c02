import { expect, test } from '@jest/globals';
import { discover } from '../../src/discovery/discovery.js';
import { speaksFor } from '../../src/discovery/protected-resource.js';
import { ScriptedFetch } from '../scripted-fetch.js';
import type { Answer } from '../scripted-fetch.js';

const MCP = 'https://mcp.example';
const AS = 'https://as.example';
const WELL_KNOWN = '/.well-known/oauth-protected-resource';

function resourceMetadata(resource: string, issuer = AS): Response {
  return Response.json({ resource, authorization_servers: [issuer], scopes_supported: ['a'] });
}

function serverMetadata(issuer: string, more: object = {}): Response {
  return Response.json({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    code_challenge_methods_supported: ['S256'],
    ...more,
  });
}

const orders: readonly (readonly [string, string, Readonly<Record<string, Answer>>, readonly string[]])[] = [
  [
    'a server at the root',
    MCP,
    { [`${MCP}${WELL_KNOWN}`]: resourceMetadata(MCP) },
    [
      `${MCP}${WELL_KNOWN}`,
      `${AS}/.well-known/oauth-authorization-server`,
      `${AS}/.well-known/openid-configuration`,
    ],
  ],
  [
    'a server at a path, metadata at the path',
    `${MCP}/a/mcp`,
    { [`${MCP}${WELL_KNOWN}/a/mcp`]: resourceMetadata(`${MCP}/a/mcp`) },
    [
      `${MCP}${WELL_KNOWN}/a/mcp`,
      `${AS}/.well-known/oauth-authorization-server`,
      `${AS}/.well-known/openid-configuration`,
    ],
  ],
  [
    'a server at a path, metadata at the root only',
    `${MCP}/a/mcp`,
    { [`${MCP}${WELL_KNOWN}`]: resourceMetadata(`${MCP}/a/mcp`) },
    [
      `${MCP}${WELL_KNOWN}/a/mcp`,
      `${MCP}${WELL_KNOWN}`,
      `${AS}/.well-known/oauth-authorization-server`,
      `${AS}/.well-known/openid-configuration`,
    ],
  ],
  [
    'a server whose address has a query',
    `${MCP}/mcp?tenant=1`,
    { [`${MCP}${WELL_KNOWN}/mcp?tenant=1`]: resourceMetadata(`${MCP}/mcp?tenant=1`) },
    [
      `${MCP}${WELL_KNOWN}/mcp?tenant=1`,
      `${AS}/.well-known/oauth-authorization-server`,
      `${AS}/.well-known/openid-configuration`,
    ],
  ],
  [
    'an issuer with a path',
    `${MCP}/mcp`,
    { [`${MCP}${WELL_KNOWN}/mcp`]: resourceMetadata(`${MCP}/mcp`, `${AS}/tenant/1`) },
    [
      `${MCP}${WELL_KNOWN}/mcp`,
      `${AS}/.well-known/oauth-authorization-server/tenant/1`,
      `${AS}/.well-known/openid-configuration/tenant/1`,
      `${AS}/tenant/1/.well-known/openid-configuration`,
    ],
  ],
];

test.each(orders)(
  '%s: the addresses are asked in the order of the specification',
  async (_, resource, answers, urls) => {
    const server = new ScriptedFetch(answers);
    await expect(discover(server.http, resource, {})).rejects.toMatchObject({ code: 'discovery_failed' });
    expect(server.urls).toEqual(urls);
    expect(
      server.sent.every(({ method, headers }) => method === 'GET' && headers.has('mcp-protocol-version')),
    ).toBe(true);
  },
);

test.each([
  `${AS}/.well-known/oauth-authorization-server/t`,
  `${AS}/.well-known/openid-configuration/t`,
  `${AS}/t/.well-known/openid-configuration`,
])('the metadata of an issuer is found at %s, and nothing is asked after it', async (url) => {
  const server = new ScriptedFetch({
    [`${MCP}${WELL_KNOWN}/mcp`]: resourceMetadata(`${MCP}/mcp`, `${AS}/t`),
    [url]: serverMetadata(`${AS}/t`),
  });
  const found = await discover(server.http, `${MCP}/mcp`, {});
  expect(found.server.token_endpoint).toBe(`${AS}/t/token`);
  expect(found.resourceIndicator).toBe(`${MCP}/mcp`);
  expect(server.urls.at(-1)).toBe(url);
});

test('the address in a challenge is asked alone, and no well-known one', async () => {
  const named = 'https://docs.example/metadata';
  const server = new ScriptedFetch({
    [named]: resourceMetadata(`${MCP}/mcp`),
    [`${AS}/.well-known/oauth-authorization-server`]: serverMetadata(AS),
  });
  await discover(server.http, `${MCP}/mcp`, { resource_metadata: named });
  expect(server.urls[0]).toBe(named);
  const empty = new ScriptedFetch({ [`${MCP}${WELL_KNOWN}/mcp`]: resourceMetadata(`${MCP}/mcp`) });
  await expect(discover(empty.http, `${MCP}/mcp`, { resource_metadata: named })).rejects.toMatchObject({
    code: 'discovery_failed',
  });
  expect(empty.urls).toEqual([named]);
});

test('A68: without resource metadata the origin of the server is the issuer, and no resource is sent', async () => {
  const server = new ScriptedFetch({
    [`${MCP}/.well-known/oauth-authorization-server`]: serverMetadata(MCP),
  });
  const found = await discover(server.http, `${MCP}/a/mcp`, {});
  expect(found).toMatchObject({ server: { issuer: MCP } });
  expect(found.resourceIndicator).toBeUndefined();
});

test('A68: a server of the old revision that names another issuer is refused', async () => {
  const forged = serverMetadata('https://honest.example', { token_endpoint: `${MCP}/token` });
  const server = new ScriptedFetch({ [`${MCP}/.well-known/oauth-authorization-server`]: forged });
  await expect(discover(server.http, `${MCP}/mcp`, {})).rejects.toMatchObject({ code: 'issuer_mismatch' });
});

test('a server without any metadata has the endpoints of the revision of 2025-03-26', async () => {
  const { server } = await discover(new ScriptedFetch({}).http, `${MCP}/a/mcp`, {});
  expect(server).toMatchObject({
    issuer: MCP,
    authorization_endpoint: `${MCP}/authorize`,
    token_endpoint: `${MCP}/token`,
    registration_endpoint: `${MCP}/register`,
  });
});

test.each([500, 503, 429, 408])(
  'a server that answers %i is never taken for one of the old revision',
  async (status) => {
    const trouble = () => new Response('', { status });
    const server = new ScriptedFetch({
      [`${MCP}${WELL_KNOWN}/mcp`]: trouble,
      [`${MCP}${WELL_KNOWN}`]: trouble,
    });
    await expect(discover(server.http, `${MCP}/mcp`, {})).rejects.toMatchObject({ code: 'transient' });
    expect(server.urls.every((url) => url.startsWith(`${MCP}/.well-known/oauth-protected`))).toBe(true);
  },
);

test('A26: a discovery asks five addresses at most', async () => {
  const server = new ScriptedFetch({ [`${MCP}${WELL_KNOWN}`]: resourceMetadata(`${MCP}/mcp`, `${AS}/t`) });
  await expect(discover(server.http, `${MCP}/mcp`, {})).rejects.toMatchObject({ code: 'discovery_failed' });
  expect(server.urls.length).toBeLessThanOrEqual(5);
});

test('A10: a redirect is followed within the origin, three times at most, and never beyond it', async () => {
  const url = `${MCP}${WELL_KNOWN}/mcp`;
  const to = (location: string) => () => new Response('', { status: 302, headers: { location } });
  const moved = new ScriptedFetch({
    [url]: to('/moved'),
    [`${MCP}/moved`]: resourceMetadata(`${MCP}/mcp`),
    [`${AS}/.well-known/oauth-authorization-server`]: serverMetadata(AS),
  });
  await discover(moved.http, `${MCP}/mcp`, {});

  const loop = new ScriptedFetch({ [url]: to(url), [`${MCP}${WELL_KNOWN}`]: to(url) });
  await expect(discover(loop.http, `${MCP}/mcp`, {})).rejects.toMatchObject({ code: 'discovery_failed' });
  expect(loop.urls.length).toBeLessThanOrEqual(9);

  for (const location of [
    'https://evil.example/',
    'http://mcp.example/moved',
    '//evil.example/',
    'https://mcp.example:8443/',
  ]) {
    const away = new ScriptedFetch({ [url]: to(location), [`${MCP}${WELL_KNOWN}`]: to(location) });
    await expect(discover(away.http, `${MCP}/mcp`, {})).rejects.toMatchObject({ code: 'discovery_failed' });
    expect(away.urls).toEqual([url, `${MCP}${WELL_KNOWN}`]);
  }
});

test('A19: metadata beyond 256 kB is not read on', async () => {
  let chunks = 0;
  const endless = () =>
    new Response(
      new ReadableStream({
        pull: (controller) => {
          chunks++;
          controller.enqueue(new Uint8Array(16_384).fill(97));
        },
      }),
    );
  const server = new ScriptedFetch({ [`${MCP}${WELL_KNOWN}/mcp`]: endless });
  await expect(discover(server.http, `${MCP}/mcp`, {})).rejects.toMatchObject({ code: 'limit_exceeded' });
  expect(chunks).toBeLessThan(30);
});

test.each(['[]', '"x"', 'null', '{', '<html>', '{"resource":NaN}', ''])(
  'A23: a document %j is no metadata, and nothing of it shows',
  async (body) => {
    const server = new ScriptedFetch({ [`${MCP}${WELL_KNOWN}/mcp`]: new Response(body) });
    await expect(discover(server.http, `${MCP}/mcp`, {})).rejects.toMatchObject({ code: 'discovery_failed' });
  },
);

test('A25: prototype keys of a document mean nothing', async () => {
  const evil = `{"resource":"${MCP}/mcp","__proto__":{"authorization_servers":["https://evil.example"]}}`;
  const server = new ScriptedFetch({ [`${MCP}${WELL_KNOWN}/mcp`]: new Response(evil) });
  await expect(discover(server.http, `${MCP}/mcp`, {})).rejects.toMatchObject({ code: 'discovery_failed' });
  expect(server.urls).toHaveLength(1);
  expect(Object.hasOwn(Object.prototype, 'authorization_servers')).toBe(false);
});

test('A22: of a million authorization servers the first is asked', async () => {
  const many = Response.json({
    resource: `${MCP}/mcp`,
    authorization_servers: Array.from({ length: 10_000 }, (_, i) =>
      i === 0 ? AS : `https://${String(i)}.ex`,
    ),
  });
  const server = new ScriptedFetch({
    [`${MCP}${WELL_KNOWN}/mcp`]: many,
    [`${AS}/.well-known/oauth-authorization-server`]: serverMetadata(AS),
  });
  await discover(server.http, `${MCP}/mcp`, {});
  expect(server.urls).toHaveLength(2);
});

test('the slash of an empty path in an issuer is forgiven, any other difference is not', async () => {
  const at = (issuer: string, found: string) =>
    new ScriptedFetch({
      [`${MCP}${WELL_KNOWN}/mcp`]: resourceMetadata(`${MCP}/mcp`, issuer),
      [new URL('/.well-known/oauth-authorization-server', issuer).href]: serverMetadata(found),
      [`${AS}/.well-known/oauth-authorization-server/t`]: serverMetadata(found),
    });
  await discover(at(`${AS}/`, AS).http, `${MCP}/mcp`, {});
  await discover(at(AS, `${AS}/`).http, `${MCP}/mcp`, {});
  for (const found of [
    `${AS}/t/`,
    'https://AS.example/t',
    `${AS}:443/t`,
    `${AS}/T`,
    `${AS}/t?x`,
    `${AS}/t#`,
  ]) {
    await expect(discover(at(`${AS}/t`, found).http, `${MCP}/mcp`, {})).rejects.toMatchObject({
      code: 'issuer_mismatch',
    });
  }
});

test('a server without the code flow is refused', async () => {
  const server = new ScriptedFetch({
    [`${MCP}${WELL_KNOWN}/mcp`]: resourceMetadata(`${MCP}/mcp`),
    [`${AS}/.well-known/oauth-authorization-server`]: serverMetadata(AS, {
      response_types_supported: ['token'],
    }),
  });
  await expect(discover(server.http, `${MCP}/mcp`, {})).rejects.toMatchObject({ code: 'discovery_failed' });
});

test.each([
  ['https://h/mcp', true],
  ['https://h/', true],
  ['https://h', true],
  ['https://h/mcp/', true],
  ['https://H/mcp', true],
  ['https://h/mc', false],
  ['https://h/mcp/x', false],
  ['https://h/MCP', false],
  ['http://h/mcp', false],
  ['https://h:8443/mcp', false],
  ['https://u@h/mcp', false],
  ['https://h/mcp?x=1', false],
  ['https://h.evil/mcp', false],
  ['https://h/../h/mcp', false],
  ['not a url', false],
  ['', false],
])('A70, A71: metadata for %j speaks for https://h/mcp: %s', (advertised, expected) => {
  expect(speaksFor(advertised, 'https://h/mcp')).toBe(expected);
});
