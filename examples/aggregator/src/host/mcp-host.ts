import { createOAuthClient, InvalidConfigError } from '@mcp-oauth/core';
import type { FetchLike, OAuthClient, OAuthSession, OnEvent } from '@mcp-oauth/core';
import { guardedFetch } from '@mcp-oauth/node';
import { RedisTokenStore } from '@mcp-oauth/storage-redis';
import { createTransportFactory } from '@mcp-oauth/transport-factory';
import type { TransportFactory } from '@mcp-oauth/transport-factory';
import type { Redis } from 'ioredis';
import type { McpServer } from '../configuration/mcp-server-list.js';
import type { ReplicaConfiguration } from '../configuration/replica-configuration.js';
import { connectRedis } from './redis-connection.js';

const MAX_BYTES = 4 * 1024 * 1024;
export const TIMEOUT_MS = 60_000;

/** Everything about OAuth and MCP that the web application stands on. */
export interface McpHost {
  readonly oauth: OAuthClient<'many'>;
  readonly transports: TransportFactory<'many'>;
  readonly fetch: FetchLike;
  /** The login of one user at one server. */
  session(owner: string, server: McpServer): OAuthSession;
  close(): Promise<void>;
}

/** All that an aggregator has to write: one store that all replicas share, one client, one transport factory. */
export async function createMcpHost(configuration: ReplicaConfiguration, onEvent: OnEvent): Promise<McpHost> {
  const client = await connectRedis(configuration.redisUrl).catch((error: unknown) => {
    // Without the driver's own error: it carries the command that failed, which may be the login with its password.
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new InvalidConfigError(`Redis at REDIS_URL could not be reached${code}.`);
  });
  try {
    const store = new RedisTokenStore({ client, prefix: 'aggregator' });
    await store.check();
    return hostOn(configuration, { client, store }, onEvent);
  } catch (error) {
    // A connection that is left open would keep a process alive which serves nobody.
    client.disconnect();
    throw error;
  }
}

function hostOn(
  { keys, publicUrl, allowedOrigins }: ReplicaConfiguration,
  { client, store }: { readonly client: Redis; readonly store: RedisTokenStore },
  onEvent: OnEvent,
): McpHost {
  // MCP servers name their authorization servers, and those their endpoints: none may lead into our own network.
  const fetch = guardedFetch({ allowedOrigins, maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS });
  const oauth = createOAuthClient({
    owners: 'many',
    store,
    secret: keys.oauth,
    client: { client_name: 'Example aggregator', client_uri: publicUrl.href },
    fetch,
    onEvent,
  });
  const transports = createTransportFactory({ oauth });
  return {
    oauth,
    transports,
    fetch,
    session: (owner, { config }) => transports.session(config, { owner }),
    close: async () => {
      await oauth.close();
      await store.close();
      await fetch.close();
      client.disconnect();
    },
  };
}
