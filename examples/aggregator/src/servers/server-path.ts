import type { Application } from '../application.js';
import type { McpServer } from '../configuration/mcp-server-list.js';
import { NoSuchPageError } from '../trouble/no-such-page-error.js';

export function serverPath({ name }: Pick<McpServer, 'name'>): string {
  return `/servers/${encodeURIComponent(name)}`;
}

/** @throws {NoSuchPageError} */
export function serverNamed({ configuration }: Application, name: string): McpServer {
  const server = configuration.servers.get(name);
  if (!server) throw new NoSuchPageError(`There is no server of that name.`);
  return server;
}
