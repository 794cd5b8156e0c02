import { tokenStoreModule } from '@mcp-oauth/core/inversify';
import type { ContainerModule } from 'inversify';
import { RedisTokenStore } from './redis-token-store.js';
import type { RedisTokenStoreOptions } from './redis-token-store.js';

/**
 * Binds `tokenStoreIdentifier` to a token store in Redis or Valkey. Singleton; unbinding it closes it. The client is
 * yours, and stays connected: disconnect it after the container's `unbindAllAsync`.
 */
export function redisStorageModule(options: RedisTokenStoreOptions): ContainerModule {
  return tokenStoreModule(() => new RedisTokenStore(options));
}
