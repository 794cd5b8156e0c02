import { expect, test } from '@jest/globals';
import { MemoryTokenStore, StoreError } from '@mcp-oauth/core';
import type { CompareAndSetResult, RecordKey, StoredRecord, Version, WriteOptions } from '@mcp-oauth/core';
import { RESOURCE, scene } from './scripted-server.js';
import { soon } from '../waiting.js';

/** A memory store that fails when told to, and counts. */
class FailingStore extends MemoryTokenStore {
  reads = true;
  writes = true;
  /** Writes are done, and fail. */
  repliesAreLost = false;
  operations = 0;

  override get(key: RecordKey): Promise<StoredRecord | null> {
    this.operations += 1;
    return this.reads ? super.get(key) : Promise.reject(new StoreError('unavailable', 'The store is away.'));
  }

  override async compareAndSet(
    key: RecordKey,
    expected: Version | null,
    value: Uint8Array | null,
    options?: WriteOptions,
  ): Promise<CompareAndSetResult> {
    this.operations += 1;
    if (!this.writes) throw new StoreError('full', 'The store is full.');
    const result = await super.compareAndSet(key, expected, value, options);
    if (this.repliesAreLost) throw new StoreError('unavailable', 'The reply was lost.');
    return result;
  }
}

test('waiting for a refresh in one process costs the store nothing', async () => {
  const store = new FailingStore();
  const { server, session, expire } = await scene({ store });
  await session.accessToken();
  expire();
  server.onRefresh = async () => {
    await soon(100);
    return server.tokens(2);
  };
  store.operations = 0;
  await Promise.all(Array.from({ length: 100 }, () => session.accessToken()));
  // Read, lease, read and commit.
  expect(store.operations).toBeLessThanOrEqual(4);
});

test('a store that is away never means "not logged in", and a good token is served', async () => {
  const store = new FailingStore();
  const { session, another, expire } = await scene({ store });
  expect(await session.accessToken()).toBe('access-1');
  store.reads = false;
  store.writes = false;
  expect(await session.accessToken()).toBe('access-1');
  await expect(another().accessToken()).rejects.toMatchObject({ code: 'store_failed' });
  expire();
  await expect(session.accessToken()).rejects.toMatchObject({ code: 'store_failed', kind: 'unavailable' });
  store.reads = true;
  store.writes = true;
  expect(await session.accessToken()).toBe('access-2');
});

test('a token in its last seconds is served where it can not be renewed', async () => {
  const store = new FailingStore();
  const { session, server, clock } = await scene({ store });
  await session.accessToken();
  clock.now += 3_600_000 - 2_000;
  store.reads = false;
  expect(await session.accessToken()).toBe('access-1');
  store.reads = true;
  server.onRefresh = () => new Response('', { status: 502 });
  expect(await session.accessToken()).toBe('access-1');
});

test('B07: where the intent can not be written, nothing is sent', async () => {
  const store = new FailingStore();
  const { session, server, expire } = await scene({ store });
  await session.accessToken();
  expire();
  store.writes = false;
  await expect(session.accessToken()).rejects.toMatchObject({ code: 'store_failed', kind: 'full' });
  expect(server.refreshes).toEqual([]);
});

test('B08: a renewed grant that can not be stored is used from memory, reported, and stored as soon as possible', async () => {
  const store = new FailingStore();
  const { session, another, server, expire, events } = await scene({ store });
  expire();
  server.onRefresh = () => {
    store.writes = false;
    return server.tokens(2);
  };
  expect(await session.accessToken()).toBe('access-2');
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'store_trouble', kind: 'full', unsaved: true }),
  );
  store.writes = true;
  for (let tries = 0; tries < 100 && !events.some(({ type }) => type === 'store_recovered'); tries++)
    await soon(50);
  expect(await another().accessToken()).toBe('access-2');
  expect(server.refreshes).toEqual(['refresh-1']);
});

test('closing stores at once what waited for the store, and waits for it', async () => {
  const store = new FailingStore();
  const { another, server, clock, expire } = await scene({ store });
  const oauth = server.client(store, { now: () => clock.now });
  expire();
  server.onRefresh = () => {
    store.writes = false;
    return server.tokens(2);
  };
  await oauth.session({ resource: RESOURCE }).accessToken();
  // By now the tries are five seconds apart, and the last one was just made.
  await soon(7_000);
  const closing = oauth.close();
  await soon(150);
  store.writes = true;
  const began = performance.now();
  await closing;
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(await another().status()).toMatchObject({ generation: 2 });
});

test('closing gives up on a store that stays away', async () => {
  const store = new FailingStore();
  const { server, clock, expire } = await scene({ store });
  const oauth = server.client(store, { now: () => clock.now });
  expire();
  server.onRefresh = () => {
    store.writes = false;
    return server.tokens(2);
  };
  await oauth.session({ resource: RESOURCE }).accessToken();
  const began = performance.now();
  await oauth.close({ timeoutMs: 300 });
  expect(performance.now() - began).toBeLessThan(1_200);
});

test('B50: a lease that was written although the store failed holds nobody up, and its holder goes on', async () => {
  const store = new FailingStore();
  const { session, another, server, expire } = await scene({
    store,
    refresh: { timeoutMs: 5_000, leaseMs: 10_000 },
  });
  await session.accessToken();
  expire();
  store.repliesAreLost = true;
  await expect(session.accessToken()).rejects.toMatchObject({ code: 'store_failed' });
  expect(server.refreshes).toEqual([]);
  store.repliesAreLost = false;
  const began = performance.now();
  expect(await Promise.all([session.accessToken(), another().accessToken()])).toEqual([
    'access-2',
    'access-2',
  ]);
  expect(performance.now() - began).toBeLessThan(2_500);
  expect(server.refreshes).toEqual(['refresh-1']);
});

test('a refresh whose failure could not be written down is tried again, and its doubt is remembered', async () => {
  const store = new FailingStore();
  const { session, server, expire } = await scene({ store, refresh: { timeoutMs: 5_000, leaseMs: 10_000 } });
  await session.accessToken();
  expire();
  server.onRefresh = (count) => {
    store.writes = count > 1;
    return count === 1
      ? new Response('', { status: 502 })
      : Response.json({ error: 'invalid_grant' }, { status: 400 });
  };
  await expect(session.accessToken()).rejects.toMatchObject({ code: 'store_failed' });
  store.writes = true;
  const began = performance.now();
  await expect(session.accessToken()).rejects.toMatchObject({ reason: 'outcome_unknown' });
  expect(performance.now() - began).toBeLessThan(2_500);
});
