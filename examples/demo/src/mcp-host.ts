import { pathToFileURL } from 'node:url';
import { createOAuthClient } from '@mcp-oauth/core';
import type { Browser, FetchLike, OAuthClient, OnEvent } from '@mcp-oauth/core';
import { LoopbackCallbackListener, NodeProcessIdentity } from '@mcp-oauth/node';
import { openTokenStore } from '@mcp-oauth/open-store';
import { createTransportFactory } from '@mcp-oauth/transport-factory';
import type { TransportFactory } from '@mcp-oauth/transport-factory';

export interface McpHostOptions {
  readonly storeDirectory: string;
  /** Without it nobody can be asked to log in. */
  readonly browser?: Browser;
  readonly fetch?: FetchLike;
  readonly onEvent?: OnEvent;
}

export interface McpHost {
  readonly oauth: OAuthClient;
  readonly transports: TransportFactory;
  close(): Promise<void>;
}

/** What an application has to write: this is all of it. */
export async function createMcpHost({
  storeDirectory,
  browser,
  ...observers
}: McpHostOptions): Promise<McpHost> {
  const store = await openTokenStore(pathToFileURL(storeDirectory).href);
  const oauth = createOAuthClient({
    store,
    client: { client_name: 'mcp-oauth demo' },
    processIdentity: new NodeProcessIdentity(),
    ...(browser ? { browser, callbackListener: new LoopbackCallbackListener() } : {}),
    ...observers,
  });
  return {
    oauth,
    transports: createTransportFactory({ oauth }),
    close: async () => {
      await oauth.close();
      await store.close();
    },
  };
}
