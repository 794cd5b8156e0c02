import { afterEach, expect, test } from '@jest/globals';
import { createOAuthClient, InvalidConfigError, MemoryTokenStore } from '@mcp-oauth/core';
import { createTransportFactory } from '@mcp-oauth/transport-factory';
import type { AuthConfig, HttpServerConfig } from '@mcp-oauth/transport-factory';
import { staticFetch } from '../src/transport/static-credentials.js';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

interface Heard {
  readonly origin: string;
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders }[];
}

/** Sends every request on to where `location` says. */
async function redirecting(location: (path: string) => string | undefined): Promise<Heard> {
  const requests: Heard['requests'] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push({ path, headers: request.headers });
    const target = location(path);
    response.writeHead(target === undefined ? 202 : 307, target === undefined ? {} : { location: target });
    response.end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, requests };
}

const factory = () =>
  createTransportFactory({
    oauth: createOAuthClient({ store: new MemoryTokenStore(), client: { client_name: 'Test host' } }),
  });

const SECRET = 'cnry_token_0123456789abcdef0123456789abcdef';
const kinds: readonly Exclude<AuthConfig, { type: 'oauth' }>[] = [
  { type: 'bearer', token: SECRET },
  { type: 'basic', username: 'alice', password: SECRET },
  { type: 'apiKey', key: SECRET },
];
const carries = (headers: IncomingHttpHeaders) =>
  'authorization' in headers || 'x-api-key' in headers || 'x-team' in headers;

test.each(kinds)(
  '$type credentials follow a redirect within their origin, and none beyond it',
  async (auth) => {
    const other = await redirecting(() => undefined);
    const own = await redirecting((path) => (path === '/mcp' ? '/moved' : `${other.origin}/stolen`));
    const config: HttpServerConfig = { url: `${own.origin}/mcp`, headers: { 'X-Team': SECRET }, auth };
    const transport = factory().create(config);
    await transport.start();
    const sent = transport.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    await expect(sent).rejects.toThrow(/not followed/);
    await expect(sent).rejects.not.toThrow(SECRET);
    await transport.close();
    expect(own.requests.map(({ path }) => path)).toEqual(['/mcp', '/moved']);
    expect(own.requests.every(({ headers }) => carries(headers))).toBe(true);
    expect(other.requests).toEqual([]);
  },
);

test.each(kinds)('whoever asks, $type credentials stay with their scheme, host and port', async (auth) => {
  const sent: RequestInit[] = [];
  const fetch = staticFetch('https://mcp.example/mcp', { 'X-Team': SECRET }, auth, (_url, init = {}) => {
    sent.push(init);
    return Promise.resolve(new Response());
  });
  const others = ['http://mcp.example/mcp', 'https://mcp.example:8443/mcp', 'https://a.mcp.example/mcp'];
  for (const url of others) await fetch(url, { headers: { accept: 'text/html' } });
  expect(JSON.stringify(sent)).toBe(JSON.stringify(others.map(() => ({ headers: { accept: 'text/html' } }))));
  await fetch('https://mcp.example/elsewhere');
  expect(carries(Object.fromEntries(new Headers(sent.at(-1)?.headers)))).toBe(true);
});

test('credentials of a configuration made by hand never go over plain http to another machine', () => {
  for (const url of ['http://mcp.example/mcp', 'https://u:p@mcp.example/', 'mcp.example']) {
    for (const auth of kinds) {
      expect(() => factory().create({ url, auth })).toThrow(InvalidConfigError);
    }
  }
});

test('with many owners a transport without one is refused, by type and at run time', () => {
  const oauth = createOAuthClient({
    store: new MemoryTokenStore(),
    owners: 'many',
    fetch,
    client: { client_name: 'Test host' },
  });
  const many = createTransportFactory({ oauth });
  const config: HttpServerConfig = { url: 'https://mcp.example/mcp', auth: { type: 'oauth' } };
  // @ts-expect-error the owner is missing
  expect(() => many.create(config)).toThrow(/many owners/);
  expect(() => many.create(config, { owner: 'alice' })).not.toThrow();
  // @ts-expect-error the owner is missing
  expect(() => many.getOAuthProvider(config)).toThrow(/many owners/);
  // @ts-expect-error the owner is missing
  expect(() => many.session(config)).toThrow(/many owners/);
  expect(many.session(config, { owner: 'alice', profile: 'work' }).key).toEqual({
    owner: 'alice',
    resource: 'https://mcp.example/mcp',
    profile: 'work',
  });
});
