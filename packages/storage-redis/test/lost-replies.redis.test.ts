import { expect, test } from '@jest/globals';
import { startProxy, startRedis } from '@mcp-oauth/e2e/redis';
import type { Proxy } from '@mcp-oauth/e2e/redis';
import type { RecordKey } from '@mcp-oauth/core';
import type { RedisTokenStore } from '@mcp-oauth/storage-redis';
import { bytes, connect, freshKey, keep, put, storeOn, text } from './support/stores.js';

interface Scene {
  readonly proxy: Proxy;
  /** Over the proxy. */
  readonly store: RedisTokenStore;
  /** Straight to the server. */
  readonly other: RedisTokenStore;
  readonly key: RecordKey;
}

async function scene(maxRetriesPerRequest: number): Promise<Scene> {
  const server = keep(await startRedis());
  const proxy = keep(await startProxy(server));
  const store = storeOn(connect(proxy, { maxRetriesPerRequest, retryStrategy: () => 20 }));
  return { proxy, store, other: storeOn(connect(server)), key: freshKey() };
}

const whoSendsAgain = [
  ['the client', 20],
  ['the store', 0],
] as const;

test.each(whoSendsAgain)(
  'B50: a create, an update and a delete whose replies were lost are done once, when %s sends them again',
  async (_, maxRetriesPerRequest) => {
    const { proxy, store, other, key } = await scene(maxRetriesPerRequest);
    // So that the server knows the script, and each write is one command.
    await put(store, freshKey(), 'value');

    let lost = proxy.loseReplyTo('evalsha');
    const created = await store.compareAndSet(key, null, bytes('first'));
    await lost;
    if (!created.ok) throw new Error('the create conflicted with itself');
    await expect(other.get(key)).resolves.toMatchObject({ version: created.version });

    lost = proxy.loseReplyTo('evalsha');
    const updated = await store.compareAndSet(key, created.version, bytes('second'));
    await lost;
    if (!updated.ok) throw new Error('the update conflicted with itself');
    expect(text(await other.get(key))).toBe('second');

    lost = proxy.loseReplyTo('evalsha');
    await expect(store.compareAndSet(key, updated.version, null)).resolves.toEqual({
      ok: true,
      version: null,
    });
    await lost;
    await expect(other.get(key)).resolves.toBeNull();
  },
);

test('B50: a delete whose reply was lost is known when a new record stands there meanwhile, and leaves that alone', async () => {
  const { proxy, store, other, key } = await scene(20);
  const version = await put(store, key, 'old');
  const lost = proxy.loseReplyTo('evalsha');
  const deleting = store.compareAndSet(key, version, null);
  await lost;
  await proxy.down();
  await put(other, key, 'new');
  await proxy.up();
  await expect(deleting).resolves.toEqual({ ok: true, version: null });
  expect(text(await other.get(key))).toBe('new');
});
