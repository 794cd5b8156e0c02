import { RedisTokenStore } from '@mcp-oauth/storage-redis';
import type { RedisTokenStoreOptions } from '@mcp-oauth/storage-redis';
import type { TokenStore } from '@mcp-oauth/core';
import type { Redis } from 'ioredis';
import type { RedisAddress } from './redis-address.js';
import { closeRedis, connectRedis } from './redis-client.js';

export async function openRedis(address: RedisAddress): Promise<TokenStore> {
  const client = await connectRedis(address);
  try {
    return new OwningRedisTokenStore(client, {
      client,
      ...(address.prefix !== undefined && { prefix: address.prefix }),
    });
  } catch (error) {
    client.disconnect();
    throw error;
  }
}

/** A Redis store whose client is nobody else's. */
class OwningRedisTokenStore extends RedisTokenStore {
  readonly #owned: Redis;

  constructor(client: Redis, options: RedisTokenStoreOptions) {
    super(options);
    this.#owned = client;
  }

  override async close(): Promise<void> {
    await super.close();
    await closeRedis(this.#owned);
  }
}
