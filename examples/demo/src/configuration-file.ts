import { readFile } from 'node:fs/promises';
import { parseMcpServers } from '@mcp-oauth/transport-factory';
import type { HttpServerConfig } from '@mcp-oauth/transport-factory';

const SERVER_NAME = 'demo';

/** The `mcpServers` file as a person would write it. */
export function configurationText(url: URL): string {
  return `{
  "mcpServers": {
    "${SERVER_NAME}": {
      "url": ${JSON.stringify(url.href)},
      "auth": { "type": "oauth", "oauth21": { "scopes": ["mcp:tools"] } }
    }
  }
}
`;
}

/** @throws {InvalidConfigError} */
export async function readConfiguration(path: string): Promise<HttpServerConfig> {
  const { mcpServers } = parseMcpServers(await readFile(path, 'utf8'));
  const server = mcpServers[SERVER_NAME];
  if (server === undefined || server.type === 'stdio')
    throw new Error(`${path} names no remote server "${SERVER_NAME}".`);
  return server;
}
