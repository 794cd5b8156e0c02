import type { McpServerConfig } from '@mcp-oauth/transport-factory';
import type { Container } from 'inversify';
import { Assistant } from './assistant.js';

export async function main(container: Container, server: McpServerConfig): Promise<unknown> {
  container.bind(Assistant).toSelf().inSingletonScope();
  try {
    const assistant = await container.getAsync(Assistant); // opens the database
    return await assistant.call(server, 'whoami');
  } finally {
    await container.unbindAllAsync(); // lets refreshes finish, then closes it
  }
}
