import type { RequestListener } from 'node:http';
import { expect, test } from '@jest/globals';
import { BlockedAddressError, LimitExceededError, UnsafeUrlError } from '@mcp-oauth/core';
import { openGuardedFetch, rejection } from '../support/guarded.js';
import { startWebServer } from '../support/web-server.js';

function redirectTo(location: () => string, status = 302): RequestListener {
  return (_, response) => response.writeHead(status, { location: location() }).end('moved');
}

const showRequest: RequestListener = (request, response) => {
  let body = '';
  request
    .on('data', (piece: Buffer) => (body += piece.toString()))
    .on('end', () =>
      response.end(JSON.stringify({ method: request.method, headers: request.headers, body })),
    );
};

test('A10: a redirect inwards is refused, and nothing is sent there', async () => {
  const inside = await startWebServer((_, response) => response.end());
  for (const location of [
    `https://127.0.0.1:${inside.port}/`,
    `http://127.0.0.1:${inside.port}/`,
    `//127.1:${inside.port}/`,
    'http://169.254.169.254/latest/meta-data/',
    `https://localhost:${inside.port}/`,
  ]) {
    const server = await startWebServer(redirectTo(() => location));
    const fetch = openGuardedFetch({ allowedOrigins: [`http://server.example:${server.port}`], lookup });
    const error = await rejection(fetch(`http://server.example:${server.port}/`));

    expect(error).toBeInstanceOf(BlockedAddressError);
    expect(error).toMatchObject({ field: 'location' });
  }
  expect(inside.connections()).toBe(0);
});

const lookup = async () => ['127.0.0.1'];

test('A10: a redirect to a name that resolves inwards is refused, and nothing is sent there', async () => {
  const inside = await startWebServer((_, response) => response.end());
  const server = await startWebServer(redirectTo(() => `https://evil.example:${inside.port}/`));
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin], lookup });

  const error = await rejection(fetch(server.origin));

  expect(error).toMatchObject({ code: 'blocked_address', field: 'location' });
  expect(inside.connections()).toBe(0);
});

test.each(['http://example.com/', 'file:///etc/passwd', 'data:,x', 'https://u:p@example.com/', 'http://['])(
  'a redirect to %s is refused',
  async (location) => {
    const server = await startWebServer(redirectTo(() => location));
    const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

    const error = await rejection(fetch(server.origin));

    expect(error).toBeInstanceOf(UnsafeUrlError);
    expect(error).toMatchObject({ field: 'location' });
  },
);

test('A10, A11: hands a redirect back, unfollowed, where the caller says so', async () => {
  const server = await startWebServer(redirectTo(() => 'http://169.254.169.254/'));
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  const response = await fetch(server.origin, { redirect: 'manual' });

  expect(response.status).toBe(302);
  expect(response.headers.get('location')).toBe('http://169.254.169.254/');
  expect(response.url).toBe(`${server.origin}/`);
  expect(await response.text()).toBe('moved');
});

test('fails for a redirect where the caller says so', async () => {
  const server = await startWebServer(redirectTo(() => '/next'));
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  expect(await rejection(fetch(server.origin, { redirect: 'error' }))).toMatchObject({ name: 'TypeError' });
  expect(server.requests).toHaveLength(1);
});

test('follows three redirects and no fourth', async () => {
  const server = await startWebServer((request, response) => {
    const left = Number(request.url?.slice(1));
    if (left === 0) response.end('arrived');
    else response.writeHead(302, { location: `/${left - 1}` }).end();
  });
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  const response = await fetch(`${server.origin}/3#part`);
  expect(await response.text()).toBe('arrived');
  expect([response.url, response.redirected]).toEqual([`${server.origin}/0`, true]);
  expect(await rejection(fetch(`${server.origin}/4`))).toBeInstanceOf(LimitExceededError);
});

test('a redirect status without a Location is an answer like others', async () => {
  const server = await startWebServer((_, response) => response.writeHead(302).end('here'));
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  expect(await (await fetch(server.origin)).text()).toBe('here');
});

const secrets = {
  authorization: 'Bearer cnry',
  cookie: 'sid=cnry',
  dpop: 'cnry',
  'mcp-session-id': 'cnry',
  'proxy-authorization': 'cnry',
  'x-api-key': 'cnry',
};

test('A14: another origin gets no header that could be a credential, whatever its name', async () => {
  const other = await startWebServer(showRequest);
  const server = await startWebServer(redirectTo(() => `${other.origin}/`));
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin, other.origin] });

  const headers = { ...secrets, accept: 'application/json', 'mcp-protocol-version': '2025-11-25' };
  const response = await fetch(server.origin, { headers });

  const text = await response.text();
  expect(text).not.toContain('cnry');
  expect(JSON.parse(text)).toMatchObject({
    headers: { accept: 'application/json', 'mcp-protocol-version': '2025-11-25' },
  });
  expect(server.requests[0]?.headers).toMatchObject(secrets);
});

test('A14: credentials do not come back with a redirect to the first origin', async () => {
  let back = '';
  const other = await startWebServer(redirectTo(() => back));
  const server = await startWebServer((request, response) => {
    if (request.url === '/back') showRequest(request, response);
    else response.writeHead(302, { location: other.origin }).end();
  });
  back = `${server.origin}/back`;
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin, other.origin] });

  expect(await (await fetch(server.origin, { headers: secrets })).text()).not.toContain('cnry');
});

test('the same origin keeps its headers', async () => {
  const server = await startWebServer((request, response) => {
    if (request.url === '/next') showRequest(request, response);
    else response.writeHead(302, { location: '/next' }).end();
  });
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  expect(await (await fetch(server.origin, { headers: secrets })).json()).toMatchObject({ headers: secrets });
});

test.each([307, 308])('A11: %d never sends a body to another origin', async (status) => {
  const other = await startWebServer(showRequest);
  const server = await startWebServer(redirectTo(() => other.origin, status));
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin, other.origin] });

  const error = await rejection(fetch(server.origin, { method: 'POST', body: 'refresh_token=cnry' }));

  expect(error).toBeInstanceOf(UnsafeUrlError);
  expect(other.connections()).toBe(0);
});

test.each([307, 308])('%d sends the body again to the same origin', async (status) => {
  const server = await startWebServer((request, response) => {
    if (request.url === '/next') showRequest(request, response);
    else response.writeHead(status, { location: '/next' }).end();
  });
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  const response = await fetch(server.origin, { method: 'POST', body: 'once more' });

  expect(await response.json()).toMatchObject({ method: 'POST', body: 'once more' });
});

test.each([
  [301, 'POST', 'GET'],
  [302, 'POST', 'GET'],
  [303, 'POST', 'GET'],
  [303, 'DELETE', 'GET'],
  [302, 'DELETE', 'DELETE'],
])('%d makes of a %s a %s, and its body stays here', async (status, method, next) => {
  const other = await startWebServer(showRequest);
  const server = await startWebServer(redirectTo(() => other.origin, status));
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin, other.origin] });

  const body = method === 'POST' ? { body: 'cnry', headers: { 'content-type': 'text/x-cnry' } } : {};
  const response = await fetch(server.origin, { method, ...body });

  const text = await response.text();
  expect(JSON.parse(text)).toMatchObject({ method: next, body: '' });
  expect(text).not.toContain('cnry');
});

test('what became a GET has no content type any more', async () => {
  const server = await startWebServer((request, response) => {
    if (request.url === '/next') showRequest(request, response);
    else response.writeHead(303, { location: '/next' }).end();
  });
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  const echo = await (await fetch(server.origin, { method: 'POST', body: 'text' })).json();

  expect(echo).toMatchObject({ method: 'GET', body: '' });
  expect(echo.headers).not.toHaveProperty('content-type');
});
