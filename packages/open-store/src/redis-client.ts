import { InvalidConfigError, StoreError } from '@mcp-oauth/core';
import type { Redis, RedisOptions } from 'ioredis';
import type { RedisAddress } from './redis-address.js';

type RedisConstructor = new (options: RedisOptions) => Redis;

const connectMs = 5_000;
const commandMs = 2_000;

/**
 * A client that is connected, and fails fast when it is not.
 *
 * Rejects with a `StoreError` if the server can't be reached or refuses the login.
 */
export async function connectRedis(address: RedisAddress): Promise<Redis> {
  const RedisClient = await loadDriver();
  const { host, port, db, tls, username, password } = address;
  const client = new RedisClient({
    host,
    port,
    db,
    ...(tls && { tls: {} }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    connectTimeout: connectMs,
    commandTimeout: commandMs,
    // A write that waited here for a connection would be sent long after its caller was told that it failed.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    lazyConnect: true,
    // What was answered has arrived by then. The default keeps a process that wants to end for two seconds more.
    disconnectTimeout: 100,
  });
  let latest: unknown;
  // Without a listener the client prints every lost connection. Whoever sends a command is told by its rejection.
  client.on('error', (error: unknown) => (latest = error));
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    latest ??= error;
  }
  // A database that there is not is told by an event alone, and the client goes on with database 0.
  if (latest === undefined) return client;
  client.disconnect();
  throw unreachable(address, latest);
}

/** Waits for the answers that are due, if the server is there to give them. */
export async function closeRedis(client: Redis): Promise<void> {
  try {
    if (client.status === 'ready') await client.quit();
  } catch (error) {
    if (!isDriverError(error)) throw error;
  } finally {
    client.disconnect();
  }
}

async function loadDriver(): Promise<RedisConstructor> {
  try {
    return (await import('ioredis')).Redis;
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    throw new InvalidConfigError(
      'A redis: address of the token store needs the package ioredis, which is not installed: npm install ioredis',
    );
  }
}

interface DriverError {
  readonly name: string;
  readonly message: string;
  readonly code?: unknown;
}

function isDriverError(error: unknown): error is DriverError {
  // Not instanceof: the error may come from another realm, and the driver's classes from another copy of it.
  return typeof error === 'object' && error !== null && 'name' in error && 'message' in error;
}

/** Without the driver's own error: it carries the command that failed, which may be the login with its password. */
function unreachable({ host, port }: RedisAddress, error: unknown): unknown {
  if (!isDriverError(error)) return error;
  const refusal = /^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH|ERR invalid DB|ERR DB)/.exec(error.message)?.[1];
  const where = `Redis at ${host}:${port}`;
  if (refusal !== undefined)
    return new StoreError(
      'misconfigured',
      `${where} refused the token store (${refusal}). Look at user name, password and database in the address.`,
    );
  const reason = typeof error.code === 'string' ? error.code : error.name;
  return new StoreError(
    'unavailable',
    `${where} could not be reached for the token store (${reason}). Look whether it runs, whether host and port are ` +
      'right, and whether it wants TLS (rediss:). No stored record was lost.',
  );
}
