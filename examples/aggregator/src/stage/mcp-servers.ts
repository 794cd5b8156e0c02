import { startMcpServer, startOidcProvider } from '@mcp-oauth/e2e';
import type { OidcProvider, RunningMcpServer } from '@mcp-oauth/e2e';
import { Closers } from './closers.js';

/** Short, so that a visitor sees tokens being renewed. */
const ACCESS_TOKEN_SECONDS = 90;

export const serverNames = ['harbour', 'lighthouse', 'observatory'] as const;
export type ServerName = (typeof serverNames)[number];

export interface McpServers {
  readonly authorizationServer: OidcProvider;
  readonly servers: Readonly<Record<ServerName, RunningMcpServer>>;
  /** The `mcpServers` JSON that the replicas are given. */
  readonly configuration: string;
  /** On this machine, and so not to be asked unless it is said. */
  readonly origins: readonly string[];
  close(): Promise<void>;
}

export interface McpServersOptions {
  /** Whole seconds. */
  readonly accessTokenTtl?: number;
}

/**
 * Three MCP servers, and the authorization server that guards them: it registers clients by itself, rotates refresh
 * tokens, gives opaque access tokens and can end both.
 */
export async function startMcpServers({
  accessTokenTtl = ACCESS_TOKEN_SECONDS,
}: McpServersOptions = {}): Promise<McpServers> {
  const closers = new Closers();
  try {
    const authorizationServer = await closers.add(
      // Another host name than the application's: browsers give the cookies of a host to all of its ports.
      startOidcProvider({ host: 'localhost', accessTokenFormat: 'opaque', accessTokenTtl }),
    );
    const start = () => closers.add(startMcpServer({ authorizationServers: [authorizationServer] }));
    const servers = { harbour: await start(), lighthouse: await start(), observatory: await start() };
    const mcpServers = Object.fromEntries(
      serverNames.map((name) => [name, { url: servers[name].url.href, auth: { type: 'oauth' } }]),
    );
    return {
      authorizationServer,
      servers,
      configuration: JSON.stringify({ mcpServers }),
      origins: [authorizationServer.issuer, ...serverNames.map((name) => servers[name].origin)],
      close: () => closers.close(),
    };
  } catch (error) {
    await closers.close();
    throw error;
  }
}
