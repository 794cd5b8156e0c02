import { canonicalResource, InvalidConfigError } from '@mcp-oauth/core';
import { parseMcpServers } from '@mcp-oauth/transport-factory';
import type { HttpServerConfig } from '@mcp-oauth/transport-factory';

/** An MCP server that every user of this application may connect. */
export interface McpServer {
  readonly name: string;
  readonly config: HttpServerConfig;
  /** What its logins are kept under. */
  readonly resource: string;
}

export type McpServerList = ReadonlyMap<string, McpServer>;

/** @throws {InvalidConfigError} */
export function readMcpServers(json: string): McpServerList {
  const { mcpServers } = parseMcpServers(json);
  const servers = Object.entries(mcpServers).map(([name, config]): [string, McpServer] => {
    // A command would run on this machine with this application's rights, for everybody who may sign in.
    if (config.type === 'stdio') throw unfit(name, 'it starts a command');
    if (config.auth?.type !== 'oauth') throw unfit(name, 'its users do not log in by OAuth');
    if (new URL(config.url).search !== '') {
      throw new InvalidConfigError(
        `mcpServers.${name}.url has a query. Addresses are shown to users and logged, and a query may hold a secret: leave it out.`,
      );
    }
    return [name, { name, config, resource: canonicalResource(config.url) }];
  });
  if (servers.length === 0) throw new InvalidConfigError('MCP_SERVERS names no server.');
  return new Map(servers);
}

function unfit(name: string, why: string): InvalidConfigError {
  return new InvalidConfigError(
    `mcpServers.${name} is nothing for many users: ${why}. Give it a url and "auth": { "type": "oauth" }.`,
  );
}
