import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from '@jest/globals';
import { LimitExceededError } from '@mcp-oauth/core';
import type { Version } from '@mcp-oauth/core';
import { startRedis } from '@mcp-oauth/e2e/redis';
import type { RedisServer } from '@mcp-oauth/e2e/redis';
import { RedisTokenStore } from '@mcp-oauth/storage-redis';
import { bytes, connect, freshKey, keep, put, storeOn, until } from './support/stores.js';

let server: RedisServer;
beforeAll(async () => {
  server = keep(await startRedis());
});

test('a partition or an id beside the charset is a mistake of the caller, and so is an odd time to live', async () => {
  const store = storeOn(connect(server));
  for (const bad of ['', 'a:b', 'a}b', 'a b', 'ü', 'x'.repeat(129)]) {
    await expect(store.get({ partition: bad, id: 'id' })).rejects.toThrow(TypeError);
    await expect(store.get({ partition: 'partition', id: bad })).rejects.toThrow(TypeError);
    await expect(store.list(bad)).rejects.toThrow(TypeError);
    await expect(store.purge(bad)).rejects.toThrow(TypeError);
  }
  for (const ttlMs of [NaN, Infinity])
    await expect(store.compareAndSet(freshKey(), null, bytes('x'), { ttlMs })).rejects.toThrow(TypeError);
});

test('a prefix that would break the keys is refused at once', () => {
  const client = connect(server);
  for (const prefix of ['', 'a{b', 'a b', 'x'.repeat(65)])
    expect(() => new RedisTokenStore({ client, prefix })).toThrow('The prefix of a Redis token store');
});

test('a value of 65 KiB is kept, and a longer one is refused before it is sent', async () => {
  const store = storeOn(connect(server));
  const key = freshKey();
  const most = new Uint8Array(65 * 1024).fill(7);
  const result = await store.compareAndSet(key, null, most);
  expect((await store.get(key))?.value).toEqual(most);
  const more = store.compareAndSet(key, result.ok ? result.version : null, new Uint8Array(65 * 1024 + 1));
  await expect(more).rejects.toThrow(LimitExceededError);
});

test('any time to live can be asked for, and one that is over leaves nothing', async () => {
  const client = connect(server);
  const store = storeOn(client);
  for (const ttlMs of [0, -5, 0.2, 1, 3_600_000.5, Number.MAX_SAFE_INTEGER, 1e300]) {
    const key = freshKey();
    const result = await store.compareAndSet(key, null, bytes('x'), { ttlMs });
    expect(result).toMatchObject({ ok: true });
    if (ttlMs < 2) await sleep(5);
    expect((await store.get(key)) === null).toBe(ttlMs < 2);
    if (ttlMs <= 0) await expect(client.exists(`mcp-oauth:{${key.partition}}:i`)).resolves.toBe(0);
  }
});

test('a version of no store conflicts, and the empty one too', async () => {
  const store = storeOn(connect(server));
  const key = freshKey();
  const version = await put(store, key, 'value');
  for (const odd of ['', 'x', 'ü'.repeat(16), `${version}x`])
    await expect(store.compareAndSet(key, odd as Version, bytes('y'))).resolves.toMatchObject({ ok: false });
  for (const odd of ['', 'x'])
    await expect(store.compareAndSet(freshKey(), odd as Version, bytes('y'))).resolves.toEqual({
      ok: false,
      current: null,
    });
});

test('ids of expired records go from the index as others come, and when it is listed', async () => {
  const client = connect(server);
  const store = storeOn(client);
  const { partition } = freshKey();
  const index = `mcp-oauth:{${partition}}:i`;
  const short = Array.from({ length: 200 }, (_, number) => ({ partition, id: `short-${String(number)}` }));
  await Promise.all(short.map((key) => store.compareAndSet(key, null, bytes('x'), { ttlMs: 1_000 })));
  await until(async () =>
    (await Promise.all(short.map((key) => store.get(key)))).every((one) => one === null),
  );
  for (let number = 0; number < 30; number++)
    await put(store, { partition, id: `kept-${String(number)}` }, 'x');
  const left = await client.scard(index);
  expect(left).toBeLessThan(200);
  // Three are looked at with each that comes.
  expect(left).toBeGreaterThan(30);
  await expect(store.list(partition)).resolves.toHaveLength(30);
  await expect(client.scard(index)).resolves.toBe(30);
});

test('a record costs little more memory than its value', async () => {
  const own = keep(await startRedis());
  const client = connect(own);
  const store = storeOn(client);
  const used = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
  const value = new Uint8Array(1_700);
  const count = 3_000;
  const before = await used();
  for (let number = 0; number < count; number++) {
    const key = {
      partition: `owner-${String(number % 100)}`.padEnd(22, '_'),
      id: `c${String(number)}`.padEnd(22, '_'),
    };
    await store.compareAndSet(key, null, value);
  }
  const each = ((await used()) - before) / count;
  expect(each).toBeLessThan(1_700 * 1.5);
});
