import { expect, test } from '@jest/globals';
import { InvalidConfigError, UnsafeUrlError } from '@mcp-oauth/core';
import { guardedFetch } from '@mcp-oauth/node';
import { openGuardedFetch, rejection } from '../support/guarded.js';
import { startWebServer } from '../support/web-server.js';

const password = 'cnry-password';

test.each([
  'http://example.com/',
  'HTTP://example.com/',
  'ftp://example.com/',
  'ws://example.com/',
  'file:///etc/passwd',
  'data:application/json,%7B%7D',
  'blob:https://example.com/1',
  'about:blank',
  'javascript:alert(1)',
  'gopher://example.com/',
  '/relative',
  '',
  'https://',
  `https://example.com/${'a'.repeat(9_000)}`,
  `https://user:${password}@example.com/`,
  `https://${password}@example.com/`,
])('A02, A03, A15, A17: sends nothing to %.60s', async (url) => {
  let lookups = 0;
  const fetch = openGuardedFetch({
    lookup: async () => {
      lookups++;
      return ['93.184.216.34'];
    },
  });

  const error = (await rejection(fetch(url))) as UnsafeUrlError;

  expect(error).toBeInstanceOf(UnsafeUrlError);
  expect(error).toMatchObject({ code: 'unsafe_url', field: 'url' });
  expect(error.stack).not.toContain(password);
  expect(lookups).toBe(0);
});

test('an allowed origin may be plain http and may lie inside', async () => {
  const server = await startWebServer((_, response) => response.end('inside'));
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  const response = await fetch(new URL('/mcp', server.origin));

  expect(await response.text()).toBe('inside');
});

test('an allowed origin is that origin alone: another port, scheme or spelling of the host is not', async () => {
  const server = await startWebServer((_, response) => response.end('inside'), '::');
  const { port } = server;
  const fetch = openGuardedFetch({ allowedOrigins: [`http://localhost:${port}`, 'http://127.0.0.1:1'] });

  for (const url of [
    `https://localhost:${port}/`,
    `http://localhost.:${port}/`,
    `http://a.localhost:${port}/`,
    `http://127.0.0.1:${port}/`,
    `http://[::1]:${port}/`,
    `http://user@localhost:${port}/`,
  ]) {
    await rejection(fetch(url));
  }

  expect(server.connections()).toBe(0);
  expect(await (await fetch(`http://localhost:${port}/`)).text()).toBe('inside');
});

test('a name of an allowed origin may resolve inwards, the same name at another port not', async () => {
  const [server, other] = await Promise.all([
    startWebServer((_, response) => response.end('inside')),
    startWebServer((_, response) => response.end('secret')),
  ]);
  const fetch = openGuardedFetch({
    allowedOrigins: [`http://mcp.internal:${server.port}`],
    lookup: async () => ['127.0.0.1'],
  });

  expect(await (await fetch(`http://mcp.internal:${server.port}/`)).text()).toBe('inside');
  const error = await rejection(fetch(`https://mcp.internal:${other.port}/`));

  expect(error).toMatchObject({ code: 'blocked_address' });
  expect(other.connections()).toBe(0);
});

test.each([
  ['a path', 'http://localhost:9000/mcp'],
  ['a slash', 'http://localhost:9000/'],
  ['a default port', 'https://mcp.internal:443'],
  ['capitals', 'http://LOCALHOST:9000'],
  ['a wildcard', 'https://*.internal'],
  ['nothing but a wildcard', 'http://*'],
  ['no scheme', 'localhost:9000'],
  ['another scheme', 'ftp://localhost'],
  ['nothing', ''],
  ['the null origin', 'null'],
  ['credentials', `http://user:${password}@localhost:9000`],
  ['no string', 9000],
])('refuses to be made with an allowed origin that has %s', (_, origin) => {
  const make = () => guardedFetch({ allowedOrigins: ['http://localhost:9000', origin as string] });

  expect(make).toThrow(InvalidConfigError);
  expect(make).toThrow('allowedOrigins[1]');
  expect(make).not.toThrow(password);
});

test('refuses to be made with one origin in place of an array', () => {
  const make = () => guardedFetch({ allowedOrigins: 'http://localhost:9000' as never });

  expect(make).toThrow(InvalidConfigError);
});

test.each([
  'maxBytes',
  'timeoutMs',
  'headersTimeoutMs',
  'idleTimeoutMs',
  'eventStreamIdleTimeoutMs',
  'maxConnectionsPerOrigin',
])('refuses to be made with a %s that bounds nothing', (name) => {
  for (const value of [0, -1, 1.5, NaN, Infinity, 2 ** 53, '10']) {
    expect(() => guardedFetch({ [name]: value })).toThrow(InvalidConfigError);
    expect(() => guardedFetch({ [name]: value })).toThrow(name);
  }
});
