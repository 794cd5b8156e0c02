import { Redis } from 'ioredis';

const CONNECT_MS = 5_000;
const COMMAND_MS = 2_000;

/**
 * A client that fails fast: a page that says "try again" now is worth more than one that comes in a minute.
 *
 * @throws the first connection failed.
 */
export async function connectRedis(url: string): Promise<Redis> {
  const client = new Redis(url, {
    connectTimeout: CONNECT_MS,
    commandTimeout: COMMAND_MS,
    maxRetriesPerRequest: 1,
    // A command that waited here for a connection would be sent long after its caller was told that it failed.
    enableOfflineQueue: false,
    lazyConnect: true,
    retryStrategy: (attempt) => Math.min(attempt * 100, 1_000),
  });
  // Without a listener the client prints every lost connection. Whoever sends a command is told by its rejection.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.disconnect();
    throw error;
  }
}
