import { expect, test } from '@jest/globals';
import { tokenStoreIdentifier } from '@mcp-oauth/core/inversify';
import { startRedis } from '@mcp-oauth/e2e/redis';
import { RedisTokenStore } from '@mcp-oauth/storage-redis';
import { redisStorageModule } from '@mcp-oauth/storage-redis/inversify';
import { Container } from 'inversify';
import { bytes, connect, freshKey, keep, storeOn, text } from '../support/stores.js';

test('the token store of a container is one, under the prefix, and its client stays connected', async () => {
  const server = keep(await startRedis());
  const client = connect(server);
  const container = new Container();
  container.load(redisStorageModule({ client, prefix: 'tokens' }));
  const store = container.get(tokenStoreIdentifier);
  expect(store).toBeInstanceOf(RedisTokenStore);
  expect(container.get(tokenStoreIdentifier)).toBe(store);
  const key = freshKey();
  await store.compareAndSet(key, null, bytes('kept'));
  await container.unbindAllAsync();
  await expect(store.get(key)).rejects.toMatchObject({ code: 'store_failed', kind: 'unavailable' });
  expect(client.status).toBe('ready');
  expect(await client.ping()).toBe('PONG');
  expect(text(await storeOn(client, 'tokens').get(key))).toBe('kept');
});
