import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import { startProxy, startRedis, startRedisCluster, startRedisSentinel } from '@mcp-oauth/e2e/redis';
import { Cluster, Redis } from 'ioredis';

const starterPath = fileURLToPath(new URL('redis-starter.mjs', import.meta.url));
const opened: { close?: () => Promise<void>; disconnect?: () => void }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) {
    one.disconnect?.();
    await one.close?.();
  }
});

function keep<One extends (typeof opened)[number]>(one: One): One {
  opened.push(one);
  return one;
}

function clientOf(url: string): Redis {
  const client = keep(new Redis(url, { retryStrategy: () => 20 }));
  client.on('error', () => undefined);
  return client;
}

const answered = (promise: Promise<unknown>, ms: number) =>
  Promise.race([
    promise.then(() => true),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), ms)),
  ]);

test('a server with a password keeps what was written when it is killed, and says nothing while it is stopped', async () => {
  const server = keep(await startRedis({ appendonly: true, password: 'p@ss' }));
  const client = clientOf(server.url);
  await client.set('key', 'value');
  await server.restart();
  await expect(client.get('key')).resolves.toBe('value');

  server.stop();
  const reply = client.get('key');
  await expect(answered(reply, 100)).resolves.toBe(false);
  server.cont();
  await expect(reply).resolves.toBe('value');
});

test('a cluster of three takes keys of every slot, and comes back when its nodes were killed', async () => {
  const cluster = keep(await startRedisCluster({ appendonly: true }));
  const client = keep(new Cluster(cluster.nodes.map(({ host, port }) => ({ host, port }))));
  client.on('error', () => undefined);
  const keys = Array.from({ length: 30 }, (_, index) => `key-${String(index)}`);
  await Promise.all(keys.map((key) => client.set(key, key)));
  await Promise.all(cluster.nodes.map((node) => node.restart()));
  await cluster.ready();
  await expect(Promise.all(keys.map((key) => client.get(key)))).resolves.toEqual(keys);
}, 30_000);

test('a sentinel promotes the replica of a master that was killed, and the data is there', async () => {
  const { master, sentinel, name, ...set } = keep(await startRedisSentinel());
  const client = keep(new Redis({ name, sentinels: [sentinel], maxRetriesPerRequest: null }));
  client.on('error', () => undefined);
  await client.set('key', 'value');
  await client.wait(1, 1_000);
  await master.kill();
  await set.promote();
  await expect(client.get('key')).resolves.toBe('value');
  await expect(client.set('key', 'other')).resolves.toBe('OK');
  expect(client.stream.remotePort).toBe(set.replica.port);
}, 30_000);

test('a proxy loses the reply to a command that was carried out, and refuses connections while it is down', async () => {
  const server = keep(await startRedis());
  const proxy = keep(await startProxy(server));
  const client = keep(new Redis(proxy.url, { autoResendUnfulfilledCommands: false, retryStrategy: null }));
  client.on('error', () => undefined);
  await client.set('counter', 1);
  const lost = proxy.loseReplyTo('incr');
  await expect(client.incr('counter')).rejects.toThrow('closed');
  await lost;
  await expect(clientOf(server.url).get('counter')).resolves.toBe('2');

  await proxy.down();
  const refused = keep(new Redis(proxy.url, { retryStrategy: null, lazyConnect: true }));
  refused.on('error', () => undefined);
  await expect(refused.connect()).rejects.toThrow();
  await proxy.up();
  await expect(clientOf(proxy.url).get('counter')).resolves.toBe('2');
});

test('no server outlives the process that started it, though that is killed', async () => {
  const starter = spawn(process.execPath, [starterPath], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(starter.stdout.setEncoding('utf8'), 'data')) as [string];
  const client = clientOf(url.trim());
  await expect(client.ping()).resolves.toBe('PONG');
  const ended = once(client, 'close');
  starter.kill('SIGKILL');
  await ended;
  const again = keep(new Redis(url.trim(), { retryStrategy: null, lazyConnect: true }));
  again.on('error', () => undefined);
  await expect(again.connect()).rejects.toThrow();
});

test('where redis-server is missing, the error names the package that brings it', async () => {
  const starter = spawn(process.execPath, [starterPath], {
    env: { PATH: '/nowhere' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const printed = (await starter.stderr.setEncoding('utf8').toArray()).join('');
  expect(printed).toContain('apt-get install redis-server');
});
