import { Redis } from 'ioredis';
import type { RedisServer } from './redis-server.js';

const deadlineMs = 20_000;

/** Starts several servers at once. If one fails, none is left. */
export async function startAll(
  count: number,
  start: () => Promise<RedisServer>,
): Promise<readonly RedisServer[]> {
  const results = await Promise.allSettled(Array.from({ length: count }, start));
  const servers = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (!failed) return servers;
  await closeAll(servers);
  throw failed.reason;
}

export async function closeAll(servers: readonly RedisServer[]): Promise<void> {
  await Promise.all(servers.map((server) => server.close()));
}

export async function withConnection<Result>(
  server: RedisServer,
  body: (connection: Redis) => Promise<Result>,
): Promise<Result> {
  const connection = new Redis(server.url, { enableReadyCheck: false });
  try {
    return await body(connection);
  } finally {
    connection.disconnect();
  }
}

/** Waits for a condition of servers that were just started. Rejects after 20 s. */
export async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`${what} was not ready within ${String(deadlineMs)} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
