import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { startRedis, startRedisCluster } from '@mcp-oauth/e2e/redis';
import type { StoreError } from '@mcp-oauth/core';
import type { RedisServer } from '@mcp-oauth/e2e/redis';
import type { RedisTokenStore } from '@mcp-oauth/storage-redis';
import type { RedisOptions } from 'ioredis';
import { bytes, connect, freshKey, keep, put, storeFailure, storeOn, text } from './support/stores.js';

/** The worst for a store: it waits and queues without an end. */
const patient: RedisOptions = {
  maxRetriesPerRequest: null,
  enableOfflineQueue: true,
  retryStrategy: () => 50,
};

const everyCall: readonly (readonly [name: string, (store: RedisTokenStore) => Promise<unknown>])[] = [
  ['get', (store) => store.get(freshKey())],
  ['a write', (store) => store.compareAndSet(freshKey(), null, bytes('value'))],
  ['list', (store) => store.list('partition')],
  ['purge', (store) => store.purge('partition')],
  ['check', (store) => store.check()],
  ['watch', (store) => store.watch(freshKey(), () => undefined)],
];

async function expectAllUnavailable(store: RedisTokenStore): Promise<void> {
  const failures = await Promise.all(everyCall.map(([, call]) => storeFailure(call(store))));
  expect(failures.map(({ kind }) => kind)).toEqual(everyCall.map(() => 'unavailable'));
  expect(Math.max(...failures.map(({ tookMs }) => tookMs))).toBeLessThan(9_000);
}

async function admin(server: RedisServer, ...command: readonly string[]): Promise<unknown> {
  const [name = '', ...args] = command;
  return connect(server).call(name, ...args);
}

describe('while Redis is away', () => {
  test('B37: calls reject as unavailable while it is down at the start, and it works when it comes', async () => {
    const server = keep(await startRedis());
    await server.kill();
    const store = storeOn(connect(server, patient));
    await expectAllUnavailable(store);
    await expect(store.get(freshKey())).rejects.toThrow(/ECONNREFUSED.*nothing listens there/);
    await server.restart();
    await expect(put(store, freshKey(), 'value')).resolves.toHaveLength(16);
  });

  test('B39: calls reject as unavailable while it accepts and says nothing, and it works when it goes on', async () => {
    const server = keep(await startRedis());
    const store = storeOn(connect(server, patient));
    await store.get(freshKey());
    server.stop();
    await expectAllUnavailable(store);
    server.cont();
    await expect(put(store, freshKey(), 'value')).resolves.toHaveLength(16);
  });

  test('the client gets no commands to queue while it is not connected', async () => {
    const server = keep(await startRedis());
    await server.kill();
    const store = storeOn(connect(server, patient));
    await Promise.all(Array.from({ length: 50 }, () => storeFailure(store.get(freshKey()))));
    await server.restart();
    await store.list('partition');
    const counts = String(await admin(server, 'INFO', 'commandstats'));
    expect(counts).toContain('cmdstat_smembers:calls=1');
    expect(counts).not.toContain('cmdstat_get:');
  });

  test('a call waits for a restart that is short, also over a client that fails at once', async () => {
    const server = keep(await startRedis({ appendonly: true }));
    const store = storeOn(
      connect(server, { enableOfflineQueue: false, maxRetriesPerRequest: 0, retryStrategy: () => 50 }),
    );
    const key = freshKey();
    await put(store, key, 'value');
    const restarted = server.restart();
    await sleep(5);
    const got = store.get(key);
    await restarted;
    expect(text(await got)).toBe('value');
  });

  test('a signal ends the wait with its reason', async () => {
    const server = keep(await startRedis());
    const store = storeOn(connect(server, patient));
    await store.get(freshKey());
    server.stop();
    for (const [, call] of [
      ['get', (signal: AbortSignal) => store.get(freshKey(), { signal })],
      ['write', (signal: AbortSignal) => store.compareAndSet(freshKey(), null, bytes(''), { signal })],
      ['watch', (signal: AbortSignal) => store.watch(freshKey(), () => undefined, { signal })],
    ] as const) {
      const controller = new AbortController();
      const ended = expect(call(controller.signal)).rejects.toThrow('enough');
      controller.abort(new Error('enough'));
      await ended;
    }
    server.cont();
  });

  test('a reply that came while this process stood still is read, though the deadline is over', async () => {
    const server = keep(await startRedis());
    const store = storeOn(connect(server));
    const key = freshKey();
    await put(store, key, 'value');
    const got = store.get(key);
    // Until the command is sent.
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    const until = performance.now() + 2_200;
    while (performance.now() < until);
    expect(text(await got)).toBe('value');
  });

  test('a client that its owner has closed is named as the reason', async () => {
    const server = keep(await startRedis());
    const client = connect(server);
    const store = storeOn(client);
    await store.get(freshKey());
    client.disconnect();
    const failure = await storeFailure(store.get(freshKey()));
    expect(failure).toMatchObject({ kind: 'unavailable' });
    expect(failure.message).toContain('the client was closed');
  });

  test('close waits for the calls in flight, and every later call rejects', async () => {
    const server = keep(await startRedis());
    const store = storeOn(connect(server));
    const key = freshKey();
    const written = store.compareAndSet(key, null, bytes('value'));
    await store.close();
    await store.close();
    expect((await written).ok).toBe(true);
    for (const [, call] of everyCall) expect((await storeFailure(call(store))).kind).toBe('unavailable');
    expect(text(await storeOn(connect(server)).get(key))).toBe('value');
  });
});

describe('what Redis refuses', () => {
  test('B46: a server that loads its data is waited for, and is never one without records', async () => {
    const server = keep(await startRedis({ appendonly: true, directives: ['key-load-delay 1000'] }));
    const client = connect(server, { enableReadyCheck: false, retryStrategy: () => 20 });
    const store = storeOn(client);
    const key = freshKey();
    await put(store, key, 'value');
    for (let number = 0; number < 1_500; number++) await client.set(`other-${String(number)}`, 'value');
    await server.kill();
    const restarted = server.restart();
    // 1500 keys at a millisecond each.
    let loaded = false;
    const answers: unknown[] = [];
    const read = async () => {
      while (!loaded)
        answers.push(await store.get(key).then(text, (error: unknown) => (error as StoreError).kind));
    };
    await Promise.all([read(), restarted.finally(() => (loaded = true))]);
    expect(new Set(answers)).toEqual(
      new Set(answers.includes('unavailable') ? ['value', 'unavailable'] : ['value']),
    );
    expect(text(await store.get(key))).toBe('value');
  });

  test('B47: a script that the server has forgotten is sent anew', async () => {
    const server = keep(await startRedis());
    const store = storeOn(connect(server));
    const key = freshKey();
    await put(store, key, 'first');
    await admin(server, 'SCRIPT', 'FLUSH');
    await put(store, key, 'second');
    await admin(server, 'SCRIPT', 'FLUSH');
    await store.purge(key.partition);
    await expect(store.get(key)).resolves.toBeNull();
  });

  test('B49: full memory is full: records can still be read, deleted and purged', async () => {
    const server = keep(await startRedis());
    const store = storeOn(connect(server));
    const key = freshKey();
    const version = await put(store, key, 'value');
    const other = { ...key, id: 'other' };
    await put(store, other, 'value');
    await admin(server, 'CONFIG', 'SET', 'maxmemory', '1');
    const failures = [
      await storeFailure(store.compareAndSet(freshKey(), null, bytes('x'))),
      await storeFailure(store.compareAndSet(key, version, bytes('x'))),
    ];
    for (const failure of failures) expect(failure).toMatchObject({ kind: 'full' });
    expect(failures[0]?.message).toContain('Raise maxmemory');
    expect(text(await store.get(key))).toBe('value');
    await expect(store.compareAndSet(key, version, null)).resolves.toEqual({ ok: true, version: null });
    await store.purge(key.partition);
    await expect(store.list(key.partition)).resolves.toEqual([]);
  });

  test('B49: too few replicas, and a disk that takes nothing, are unavailable and say what to do', async () => {
    const server = keep(await startRedis({ directives: ['save 3600 1', 'enable-protected-configs yes'] }));
    const store = storeOn(connect(server));
    await admin(server, 'CONFIG', 'SET', 'min-replicas-to-write', '1');
    const lonely = await storeFailure(put(store, freshKey(), 'value'));
    expect(lonely).toMatchObject({ kind: 'unavailable' });
    expect(lonely.message).toContain('NOREPLICAS');
    await admin(server, 'CONFIG', 'SET', 'min-replicas-to-write', '0');

    // The name is longer than a file's may be, so that every save fails.
    await admin(server, 'CONFIG', 'SET', 'dbfilename', 'x'.repeat(300));
    await expect(admin(server, 'SAVE')).rejects.toThrow();
    await admin(server, 'BGSAVE');
    while (!String(await admin(server, 'INFO', 'persistence')).includes('rdb_last_bgsave_status:err'))
      await sleep(10);
    const failure = await storeFailure(put(store, freshKey(), 'value'));
    expect(failure).toMatchObject({ kind: 'unavailable' });
    expect(failure.message).toContain('can not save to its disk');
  });

  test('B49: a missing or a wrong password is a permission, and no error shows it', async () => {
    const password = 'the-password-of-the-server';
    const server = keep(await startRedis({ password }));
    for (const options of [{}, { password: `${password}-but-wrong` }]) {
      const store = storeOn(connect(server, options));
      for (const [, call] of everyCall) {
        const failure = await storeFailure(call(store));
        expect(failure.kind).toBe('permission');
        expect(inspect(failure, { depth: null, showHidden: true })).not.toContain(password);
      }
    }
    await storeOn(connect(server, { password })).check();
  });

  test('B49: a wrong password is named also while the client waits with its next attempt for longer than a call may take', async () => {
    const server = keep(await startRedis({ password: 'the-password-of-the-server' }));
    const store = storeOn(connect(server, { password: 'another', retryStrategy: () => 60_000 }));
    for (let call = 0; call < 3; call++)
      expect(await storeFailure(store.get(freshKey()))).toMatchObject({ kind: 'permission' });
  });

  test('B49: too many clients are unavailable', async () => {
    const server = keep(await startRedis({ directives: ['maxclients 1'] }));
    await storeOn(connect(server)).get(freshKey());
    const failure = await storeFailure(storeOn(connect(server)).get(freshKey()));
    expect(failure).toMatchObject({ kind: 'unavailable' });
    expect(failure.message).toContain('its maxclients');
  });

  test('B41: a replica at the only address is read-only, until it is a master again', async () => {
    const master = keep(await startRedis());
    const server = keep(await startRedis());
    const store = storeOn(connect(server, { retryStrategy: () => 20 }));
    const key = freshKey();
    await put(store, key, 'value');
    await admin(server, 'REPLICAOF', master.host, String(master.port));
    const failure = await storeFailure(store.compareAndSet(key, null, bytes('x')));
    expect(failure).toMatchObject({ kind: 'read_only' });
    expect(failure.message).toContain('it is a replica');
    await expect(store.check()).rejects.toMatchObject({ kind: 'misconfigured' });
    await admin(server, 'REPLICAOF', 'NO', 'ONE');
    await expect(put(store, key, 'again')).resolves.toHaveLength(16);
  });

  test('a client for one server that is given a node of a cluster is misconfigured', async () => {
    const cluster = keep(await startRedisCluster());
    const store = storeOn(connect(cluster.nodes[0]!));
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => store.get(freshKey())));
    const failed = answers.filter((answer) => answer.status === 'rejected');
    expect(failed.length).toBeGreaterThan(0);
    for (const { reason } of failed) expect(reason).toMatchObject({ kind: 'misconfigured' });
  }, 30_000);

  test('what somebody else keeps under the key of a record is corrupt, and left alone', async () => {
    const server = keep(await startRedis());
    const store = storeOn(connect(server));
    const client = connect(server);
    const key = freshKey();
    const name = `mcp-oauth:{${key.partition}}:r:${key.id}`;
    for (const [command, held] of [
      ['set', 'short'],
      ['set', 'not a version, but long enough'],
      ['sadd', 'a member'],
    ] as const) {
      await client.del(name);
      await client.call(command, name, held);
      await expect(store.get(key)).rejects.toMatchObject({ kind: 'corrupt' });
      await expect(store.compareAndSet(key, null, bytes('x'))).rejects.toMatchObject({ kind: 'corrupt' });
    }
    await expect(client.sismember(name, 'a member')).resolves.toBe(1);
  });

  test('no error shows the value that could not be written', async () => {
    const server = keep(await startRedis());
    const store = storeOn(connect(server));
    await admin(server, 'CONFIG', 'SET', 'maxmemory', '1');
    const failure = await storeFailure(store.compareAndSet(freshKey(), null, bytes('the-refresh-token')));
    expect(inspect(failure, { depth: null, showHidden: true })).not.toMatch(/the-refresh-token|74 68 65 2d/);
    expect(failure.cause).toBeUndefined();
  });
});
