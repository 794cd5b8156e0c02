import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { openGuardedFetch, rejection } from '../support/guarded.js';
import { until } from '../support/waiting.js';
import { startWebServer } from '../support/web-server.js';

async function startEcho() {
  const server = await startWebServer((request, response) => {
    let body = '';
    request
      .on('data', (piece: Buffer) => (body += piece.toString()))
      .on('end', () =>
        response.end(JSON.stringify({ method: request.method, headers: request.headers, body })),
      );
  });
  return { server, fetch: openGuardedFetch({ allowedOrigins: [server.origin] }) };
}

test.each([
  ['text', 'a=1', 'text/plain;charset=UTF-8'],
  ['parameters', new URLSearchParams({ a: '1' }), 'application/x-www-form-urlencoded;charset=UTF-8'],
  ['bytes', new TextEncoder().encode('a=1'), undefined],
  ['a blob', new Blob(['a=1'], { type: 'text/x' }), 'text/x'],
])('sends %s as fetch does', async (_, body, type) => {
  const { server, fetch } = await startEcho();

  const echo = await (await fetch(server.origin, { method: 'post', body })).json();

  expect(echo).toMatchObject({ method: 'POST', body: 'a=1', headers: { 'content-length': '3' } });
  expect(echo.headers['content-type']).toBe(type);
});

test('sends the headers of the caller, and none of those that belong to the connection', async () => {
  const { server, fetch } = await startEcho();
  const headers = {
    'user-agent': 'host/1',
    authorization: 'Bearer t',
    host: 'evil.example',
    connection: 'x',
  };

  const echo = await (await fetch(`${server.origin}/a?b=c`, { headers })).json();

  expect(echo.headers).toMatchObject({ 'user-agent': 'host/1', authorization: 'Bearer t' });
  expect(echo.headers.host).toBe(new URL(server.origin).host);
  expect(server.requests[0]?.url).toBe('/a?b=c');
});

test.each([
  ['a token with a line break', { headers: { authorization: 'Bearer cnry\r\nx: y' } }],
  ['a header name that is none', { headers: { 'cnry cnry': 'x' } }],
  ['a method that is none', { method: 'cnry cnry' }],
  ['a body with GET', { body: 'cnry' }],
])('refuses %s without repeating it', async (_, init) => {
  const { server, fetch } = await startEcho();

  const error = await rejection(fetch(server.origin, init));

  expect(error).toMatchObject({ name: 'TypeError' });
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('cnry');
  expect(server.connections()).toBe(0);
});

test('the answer is a Response of this runtime, with its headers one by one', async () => {
  const server = await startWebServer((_, response) =>
    response
      .writeHead(401, 'Go away', {
        'set-cookie': ['a=1', 'b=2'],
        'www-authenticate': ['Bearer x="1"', 'Basic'],
        'x-latin': 'caf\u00e9',
      })
      .end('{"error":"invalid_token"}'),
  );
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  const response = await fetch(server.origin);

  expect(response).toBeInstanceOf(Response);
  expect([response.status, response.statusText, response.ok]).toEqual([401, 'Go away', false]);
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  expect(response.headers.get('www-authenticate')).toBe('Bearer x="1", Basic');
  expect(response.headers.get('x-latin')).toBe('café');
  expect([response.url, response.redirected]).toEqual([`${server.origin}/`, false]);
  expect(await response.clone().json()).toEqual({ error: 'invalid_token' });
  expect(await response.json()).toEqual({ error: 'invalid_token' });
});

test.each([
  [204, 'GET'],
  [205, 'GET'],
  [304, 'GET'],
  [200, 'HEAD'],
])('%d to %s has no body', async (status, method) => {
  const server = await startWebServer((_, response) => response.writeHead(status).end());
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  const response = await fetch(server.origin, { method });

  expect([response.status, response.body]).toEqual([status, null]);
});

test.each([
  ['has none', 204, (response: Response) => response.body],
  ['is empty and cancelled', 202, (response: Response) => response.body?.cancel()],
  ['is read', 200, (response: Response) => response.text()],
])('an answer whose body %s leaves its connection to the next', async (_, status, end) => {
  const server = await startWebServer((_, response) =>
    response.writeHead(status).end(status === 200 ? 'text' : undefined),
  );
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  for (let calls = 0; calls < 20; calls++) await end(await fetch(server.origin));

  // A connection is free again a moment after its answer ended, so the next call may make a second one.
  expect(server.connections()).toBeLessThanOrEqual(3);
});

test('a port where nobody listens is a failure of the network', async () => {
  const fetch = openGuardedFetch({ allowedOrigins: ['http://127.0.0.1:1'] });

  const error = await rejection(fetch('http://127.0.0.1:1/secret?code=cnry'));

  expect(error).toMatchObject({ name: 'TypeError', cause: { code: 'ECONNREFUSED' } });
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('cnry');
});

test('a connection that breaks off in the middle of a body is an error of the body', async () => {
  const server = await startWebServer((_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half');
    setTimeout(() => response.destroy(), 20);
  });
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  expect(await rejection((await fetch(server.origin)).text())).toMatchObject({ name: 'TypeError' });
});

test('a connection that breaks off while nobody reads ends no process', async () => {
  const server = await startWebServer((_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half');
    setTimeout(() => response.destroy(), 20);
  });
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  const response = await fetch(server.origin);
  await until(async () => (await server.open()) === 0);

  expect(await rejection(response.text())).toMatchObject({ name: 'TypeError' });
});

test('a status that no Response can have is an error', async () => {
  const server = await startWebServer((_, response) => response.writeHead(999).end());
  const fetch = openGuardedFetch({ allowedOrigins: [server.origin] });

  expect(await rejection(fetch(server.origin))).toMatchObject({
    name: 'TypeError',
    message: expect.stringContaining('999'),
  });
});
