import { Client } from '@modelcontextprotocol/client';
import type { Transport } from '@modelcontextprotocol/client';
import type { McpCalls } from './mcp-calls.js';

/** SDK v2's client, which finds out by itself which revision the server speaks. */
export async function connectV2(transport: Transport): Promise<McpCalls> {
  const client = new Client(
    { name: 'mcp-oauth-conformance', version: '0.1.0' },
    { versionNegotiation: { mode: 'auto' } },
  );
  await client.connect(transport);
  return {
    listTools: () => client.listTools(),
    callTool: (name) => client.callTool({ name, arguments: {} }),
    close: () => client.close(),
  };
}
