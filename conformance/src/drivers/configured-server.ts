import type { HttpServerConfig, McpServers } from '@mcp-oauth/transport-factory';

/** The one server of a configuration, which is reached over HTTP. */
export function configuredServer({ mcpServers }: McpServers): HttpServerConfig & { readonly type: 'http' } {
  const { server } = mcpServers;
  if (server?.type !== 'http')
    throw new Error('The configuration names no server that is reached over HTTP.');
  return { ...server, type: 'http' };
}
