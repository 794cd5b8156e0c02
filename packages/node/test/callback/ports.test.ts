import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { Server } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { InvalidConfigError, type ListeningCallback } from '@mcp-oauth/core';
import { LoopbackCallbackListener } from '@mcp-oauth/node';
import { listenOn as listenOnAddresses, stop } from '../../src/callback/loopback-servers.js';
import { listenOn } from '../support/listening.js';
import { connectTo, free, freePort, get, occupy } from '../support/sockets.js';

const listener = new LoopbackCallbackListener();
const opened: ListeningCallback[] = [];
const occupied: Server[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((listening) => listening.close()));
  await Promise.all(occupied.splice(0).map(free));
});

async function listen(redirectUris: [string, ...string[]], anyPort = false) {
  const listening = await listener.listen({ redirectUris, anyPort });
  opened.push(listening);
  return listening;
}

async function take(host: string, port: number) {
  occupied.push(await occupy(host, port));
}

const uriOf = (port: number, host = 'localhost') => `http://${host}:${String(port)}/callback`;

test('takes the first redirect URI, as it was written', async () => {
  const [first, second] = [await freePort(), await freePort()];

  const listening = await listen([uriOf(first), uriOf(second)]);

  expect(listening.redirectUri).toBe(uriOf(first));
});

test.each(['127.0.0.1', '::1'])(
  'A46: a port that somebody holds on %s is not taken for localhost',
  async (held) => {
    const [first, second] = [await freePort(), await freePort()];
    await take(held, first);

    const listening = await listen([uriOf(first), uriOf(second)]);

    expect(listening.redirectUri).toBe(uriOf(second));
    await expect(connectTo(first, held === '::1' ? '127.0.0.1' : '::1')).rejects.toThrow('ECONNREFUSED');
  },
);

test('A46: nobody else can listen beside it on the other address of localhost', async () => {
  const { port } = await listenOn();

  await expect(occupy('127.0.0.1', port)).rejects.toThrow('EADDRINUSE');
  await expect(occupy('::1', port)).rejects.toThrow('EADDRINUSE');
});

test('A47: where all ports are taken, the error names them and says what to do', async () => {
  const [first, second] = [await freePort(), await freePort()];
  await take('127.0.0.1', first);
  await take('::1', second);

  const rejected = listener.listen({ redirectUris: [uriOf(first), uriOf(second)], anyPort: false });

  await expect(rejected).rejects.toThrow(InvalidConfigError);
  await expect(rejected).rejects.toThrow(`${String(first)}, ${String(second)}`);
  await expect(rejected).rejects.toThrow(/configure another port/);
});

test('where all ports are taken, any other port will do if that is allowed', async () => {
  const port = await freePort();
  await take('::1', port);

  const listening = await listen([uriOf(port)], true);

  expect(listening.redirectUri).toMatch(/^http:\/\/localhost:\d+\/callback$/);
  const chosen = Number(new URL(listening.redirectUri).port);
  expect(chosen).not.toBe(port);
  await expect(occupy('127.0.0.1', chosen)).rejects.toThrow('EADDRINUSE');
  await expect(occupy('::1', chosen)).rejects.toThrow('EADDRINUSE');
});

test('five logins at once get five ports', async () => {
  const port = await freePort();

  const listening = await Promise.all(Array.from({ length: 5 }, () => listen([uriOf(port)], true)));

  expect(new Set(listening.map(({ redirectUri }) => redirectUri)).size).toBe(5);
});

test.each([
  ['127.0.0.1', '::1'],
  ['[::1]', '127.0.0.1'],
])('the literal %s leaves %s to others', async (host, other) => {
  const { port, uri } = await listenOn(host);

  await take(other, port);

  expect((await get(uri)).status).toBe(400);
});

test('A45: listens on loopback only', async () => {
  const { port } = await listenOn();
  const outside = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const reachable = outside.filter(({ internal, address }) => !internal && !address.startsWith('fe80'));

  for (const { address } of reachable)
    await expect(connectTo(port, address)).rejects.toThrow(/ECONNREFUSED|EHOSTUNREACH|ENETUNREACH/);
  if (process.platform === 'linux')
    expect(listeningAddresses(port)).toEqual(['0100007F', `${'0'.repeat(24)}01000000`]);
});

/** The addresses that the kernel listens on for a port, in its own notation. */
function listeningAddresses(port: number): string[] {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFileSync(path, 'utf8'));
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const pattern = new RegExp(`^ *\\d+: ([0-9A-F]+):${hexPort} [0-9A-F:]+ 0A `, 'gm');
  return tables.flatMap((table) => [...table.matchAll(pattern)].map(([, address = '']) => address));
}

test('B73: a machine without one of the two families uses the other', async () => {
  // An address for documentation, which no machine has: binding it fails the way ::1 does where IPv6 is off.
  const absent = '2001:db8::1';
  const port = await freePort();

  for (const addresses of [
    ['127.0.0.1', absent],
    [absent, '127.0.0.1'],
  ]) {
    const listening = await listenOnAddresses(addresses, port);
    expect(listening?.servers.map((server) => server.address())).toMatchObject([
      { address: '127.0.0.1', port },
    ]);
    await Promise.all(listening?.servers.map(stop) ?? []);
  }
  expect(await listenOnAddresses([absent], port)).toBeUndefined();
});

test.each([
  'https://localhost:9876/callback',
  'http://0.0.0.0:9876/callback',
  'http://[::]:9876/callback',
  'http://192.0.2.1:9876/callback',
  'http://127.0.0.2:9876/callback',
  'http://localhost.example:9876/callback',
  'http://user:secret@localhost:9876/callback',
  'http://localhost:9876',
  'http://localhost:9876/',
  'http://localhost:0/callback',
  'http://localhost:9876/callback?state=1',
  'http://localhost:9876/callback#x',
  'com.example.app:/callback',
  'localhost:9876/callback',
  '',
])('refuses to listen for %j', async (uri) => {
  const rejected = listener.listen({ redirectUris: [uri], anyPort: true });

  await expect(rejected).rejects.toThrow(InvalidConfigError);
  await expect(rejected).rejects.not.toThrow('secret');
});

test('one unusable redirect URI among good ones is an error, not skipped', async () => {
  const good = uriOf(await freePort());

  await expect(
    listener.listen({ redirectUris: [good, 'http://evil.example/callback'], anyPort: false }),
  ).rejects.toThrow(InvalidConfigError);
});

test('an aborted signal binds nothing', async () => {
  const port = await freePort();
  const reason = new Error('changed my mind');

  const listening = listener.listen({
    redirectUris: [uriOf(port)],
    anyPort: false,
    signal: AbortSignal.abort(reason),
  });

  await expect(listening).rejects.toBe(reason);
  await take('127.0.0.1', port);
});

test('a signal that aborts while the port is being bound frees it again', async () => {
  const port = await freePort();
  const abort = new AbortController();
  const reason = new Error('changed my mind');

  const listening = listener.listen({ redirectUris: [uriOf(port)], anyPort: false, signal: abort.signal });
  abort.abort(reason);

  await expect(listening).rejects.toBe(reason);
  await take('127.0.0.1', port);
  await take('::1', port);
});
