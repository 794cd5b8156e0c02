import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, expect, test } from '@jest/globals';
import { StoreError } from '@mcp-oauth/core';
import { startRedis } from '@mcp-oauth/e2e/redis';
import type { RedisServer } from '@mcp-oauth/e2e/redis';
import { parseRedisAddress } from '../src/redis-address.js';
import { closeRedis, connectRedis } from '../src/redis-client.js';

const password = 'hidden-p@ss:word%';
const servers: RedisServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));

async function started(options: Parameters<typeof startRedis>[0] = {}): Promise<RedisServer> {
  const server = await startRedis(options);
  servers.push(server);
  return server;
}

async function failureOf(address: string): Promise<StoreError> {
  const error: unknown = await connectRedis(parseRedisAddress(address)).catch((reason: unknown) => reason);
  if (!(error instanceof StoreError)) throw new Error('It connected, or failed with something else.');
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hidden');
  return error;
}

test('connects with a password and to a database, and lets go of both on close', async () => {
  const { host, port } = await started({ password });
  const client = await connectRedis(
    parseRedisAddress(`redis://:${encodeURIComponent(password)}@${host}:${port}/3`),
  );
  await client.set('a', 'b');
  expect(await client.get('a')).toBe('b');
  expect(await client.client('INFO')).toContain('db=3');
  const ended = once(client, 'end');
  await closeRedis(client);
  await ended;
});

test('a wrong password, a missing one and an unknown database are misconfigured, and show no password', async () => {
  const { host, port } = await started({ password });
  const at = `${host}:${port}`;
  const failures = [
    await failureOf(`redis://:hidden-and-wrong@${at}`),
    await failureOf(`redis://ada:hidden-and-wrong@${at}`),
    await failureOf(`redis://${at}`),
    await failureOf(`redis://:${encodeURIComponent(password)}@${at}/99`),
  ];
  for (const { kind, message } of failures)
    expect([kind, message]).toEqual(['misconfigured', expect.stringContaining(at)]);
});

test('a server that is not there, and one that does not answer, are unavailable within 10 seconds', async () => {
  const began = performance.now();
  expect((await failureOf('redis://:hidden@127.0.0.1:1')).message).toContain('127.0.0.1:1');
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  const { port } = silent.address() as AddressInfo;
  expect((await failureOf(`redis://:hidden@127.0.0.1:${port}`)).kind).toBe('unavailable');
  expect(performance.now() - began).toBeLessThan(10_000);
  sockets.forEach((socket) => socket.destroy());
  silent.close();
});

test('a server that goes away makes commands fail at once, prints nothing, and is used again when it is back', async () => {
  const server = await started();
  const client = await connectRedis(parseRedisAddress(server.url));
  await server.kill();
  await new Promise((resolve) => setTimeout(resolve, 100));
  const began = performance.now();
  await expect(client.get('a')).rejects.toThrow();
  expect(performance.now() - began).toBeLessThan(2_000);
  await server.restart();
  const deadline = performance.now() + 8_000;
  while (client.status !== 'ready' && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await client.get('a')).toBeNull();
  await closeRedis(client);
});
