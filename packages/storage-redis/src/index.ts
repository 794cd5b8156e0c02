export { RedisTokenStore } from './redis-token-store.js';
export type { RedisTokenStoreOptions } from './redis-token-store.js';
export type {
  RedisClient,
  RedisCluster,
  RedisCommands,
  RedisConnection,
  RedisSubscriber,
  SubscriberOptions,
} from './redis-client.js';
