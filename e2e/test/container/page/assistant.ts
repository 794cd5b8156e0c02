import type { McpServerConfig, TransportFactory } from '@mcp-oauth/transport-factory';
import { transportFactoryIdentifier } from '@mcp-oauth/transport-factory/inversify';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { inject, injectable } from 'inversify';

@injectable()
export class Assistant {
  readonly #transports: TransportFactory;

  constructor(@inject(transportFactoryIdentifier) transports: TransportFactory) {
    this.#transports = transports;
  }

  async call(server: McpServerConfig, tool: string): Promise<unknown> {
    const client = new Client({ name: 'assistant', version: '1.0.0' });
    await client.connect(this.#transports.create(server)); // logs in, if it has to
    try {
      return await client.callTool({ name: tool, arguments: {} });
    } finally {
      await client.close();
    }
  }
}
