import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { pages } from '../../src/callback/pages.js';
import { isPending, listenOn } from '../support/listening.js';
import { connectTo, get, sendRaw } from '../support/sockets.js';

const state = 'fixed-state-for-these-tests';
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

async function awaiting(host?: string) {
  const started = await listenOn(host);
  return { ...started, response: started.listening.response(state) };
}

const requestTo = (port: number, line: string, ...headers: string[]) =>
  `${[line, ...(headers.length > 0 ? headers : [`Host: localhost:${String(port)}`])].join('\r\n')}\r\n\r\n`;

test.each([
  ['form_post', 'POST /callback', 405],
  ['HEAD', 'HEAD /callback', 405],
  ['a preflight', 'OPTIONS /callback', 405],
  ['PUT', 'PUT /callback', 405],
  ['an absolute address', 'GET http://localhost/callback', 400],
  ['an asterisk', 'OPTIONS *', 400],
  ['two slashes', 'GET //callback', 404],
  ['a slash more', 'GET /callback/', 404],
  ['a path that climbs', 'GET /callback/..;/', 404],
  ['a path that climbs back', 'GET /x/../callback', 404],
  ['an encoded path', 'GET /%63allback', 404],
  ['another case', 'GET /Callback', 404],
  ['the root', 'GET /', 404],
  ['a favicon', 'GET /favicon.ico', 404],
  ['a fragment', 'GET /callback#', 404],
])('A57: %s gets a page and changes nothing', async (_, line, status) => {
  const { port, response } = await awaiting();

  const answer = await sendRaw(port, requestTo(port, `${line}?code=c&state=${state} HTTP/1.1`));

  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${String(status)} `));
  expect(answer).not.toMatch(/access-control/i);
  if (status === 405) expect(answer).toContain('\r\nAllow: GET\r\n');
  expect(answer.endsWith(pages.ignored.toString())).toBe(!line.startsWith('HEAD'));
  expect(await isPending(response)).toBe(true);
});

test.each([
  ['bytes that are no HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['a request without a version', `GET /callback?code=c&state=${state}\r\n\r\n`, 400],
  ['a header without a colon', `GET /callback?code=c&state=${state} HTTP/1.1\r\nHost\r\n\r\n`, 400],
  ['two lengths', 'POST /callback HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx', 400],
  ['a query of 200 kB', `GET /callback?code=${'c'.repeat(200_000)}&state=${state} HTTP/1.1\r\n\r\n`, 431],
  ['10 000 header lines', `GET /callback HTTP/1.1\r\n${'X: yyyyyyyyyy\r\n'.repeat(10_000)}\r\n`, 431],
])('A57: %s gets a page and changes nothing', async (_, bytes, status) => {
  const { port, response } = await awaiting();

  const answer = await sendRaw(port, bytes);

  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${String(status)} `));
  expect(answer).toContain("\r\nContent-Security-Policy: default-src 'none';");
  expect(answer.endsWith(pages.ignored.toString())).toBe(true);
  expect(await isPending(response)).toBe(true);
});

test('A57: a query beyond 8 kB is refused, one below is taken', async () => {
  const { listening, uri, response } = await awaiting();

  expect((await get(`${uri}?code=${'c'.repeat(9_000)}&state=${state}`)).status).toBe(414);
  expect(await isPending(response)).toBe(true);

  const browser = get(`${uri}?code=${'c'.repeat(8_000)}&state=${state}`);
  (await response).show('succeeded');
  expect((await browser).status).toBe(200);
  await listening.close();
});

test.each([
  ['another name (DNS rebinding)', (port: number) => [`Host: rebound.example:${String(port)}`]],
  ['another port', (port: number) => [`Host: localhost:${String(port + 1)}`]],
  ['no port', () => ['Host: localhost']],
  ['a name that begins alike', (port: number) => [`Host: localhost.example:${String(port)}`]],
  ['no Host at all', () => ['X: y']],
  ['two hosts', (port: number) => [`Host: localhost:${String(port)}`, `Host: rebound.example`]],
  ['a list of hosts', (port: number) => [`Host: localhost:${String(port)}, rebound.example`]],
])('a request for %s is refused', async (_, headersFor) => {
  const { port, response } = await awaiting();
  const line = `GET /callback?code=c&state=${state} HTTP/1.1`;

  const answer = await sendRaw(port, requestTo(port, line, ...headersFor(port)));

  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(await isPending(response)).toBe(true);
});

test('where a literal address was registered, localhost is another name', async () => {
  const { port, uri, response } = await awaiting('127.0.0.1');

  const other = await get(`${uri}?code=c&state=${state}`, { host: `localhost:${String(port)}` });

  expect(other.status).toBe(400);
  expect(await isPending(response)).toBe(true);
});

test('A58: 1000 connections that say nothing do not keep the real callback out', async () => {
  const { port, uri, response } = await awaiting();
  for (let i = 0; i < 1000; i++) sockets.push(await connectTo(port));
  const halves = await Promise.all(Array.from({ length: 40 }, () => connectTo(port)));
  sockets.push(...halves);
  for (const socket of sockets) socket.on('error', () => undefined);
  for (const half of halves) half.write('GET /callback?code=');

  const began = Date.now();
  const browser = get(`${uri}?code=c&state=${state}`);
  (await response).show('succeeded');

  expect((await browser).status).toBe(200);
  expect(Date.now() - began).toBeLessThan(1_000);
  expect(sockets.filter((socket) => !socket.closed).length).toBeLessThanOrEqual(40);
});

test('A58: a request that never ends is cut off', async () => {
  const { port } = await awaiting();
  const slow = await connectTo(port);
  sockets.push(slow);
  slow.write('GET /callback?code=');
  slow.resume();

  await once(slow, 'close');
});

test('a browser whose request is held is not pushed out by idle connections', async () => {
  const { port, uri, response } = await awaiting();
  const browser = get(`${uri}?code=c&state=${state}`);
  const { show } = await response;

  for (let i = 0; i < 200; i++) sockets.push(await connectTo(port));
  show('succeeded');

  expect((await browser).body).toBe(pages.succeeded.toString());
});
