import { Proxy } from './proxy.js';
import type { ProxyTarget } from './proxy.js';
import { RedisServer } from './redis-server.js';
import type { RedisOptions } from './redis-server.js';

export type { Proxy, ProxyTarget } from './proxy.js';
export { startRedisCluster } from './redis-cluster.js';
export type { RedisCluster } from './redis-cluster.js';
export { startRedisSentinel } from './redis-sentinel.js';
export type { RedisSentinel } from './redis-sentinel.js';
export type { RedisOptions, RedisServer } from './redis-server.js';

/** One server, empty, that keeps nothing on disk unless it is told to. */
export function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  return RedisServer.start(options);
}

/** A TCP proxy in front of a server. */
export function startProxy(target: ProxyTarget): Promise<Proxy> {
  return Proxy.start(target);
}
