import type { RedisSentinel } from '@mcp-oauth/e2e/redis';
import { Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';

/** With the options that most hosts have: none. */
export function redisClient(
  { host, port }: { readonly host: string; readonly port: number },
  options: RedisOptions = {},
): Redis {
  return quiet(new Redis(port, host, options as object));
}

export function sentinelClient({ name, sentinel: { host, port } }: RedisSentinel): Redis {
  return quiet(new Redis({ name, sentinels: [{ host, port }] }));
}

/** The store tells of what goes wrong. */
function quiet(client: Redis): Redis {
  return client.on('error', () => undefined);
}
