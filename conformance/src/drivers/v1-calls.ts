import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { McpCalls } from './mcp-calls.js';
import { StatelessCalls } from './stateless-calls.js';

/** SDK v1's own client where it speaks the revision, else its transport alone. */
export async function connectV1(transport: Transport, wire: string): Promise<McpCalls> {
  if (wire === '2026-07-28') return await StatelessCalls.connect(transport, wire);
  const client = new Client({ name: 'mcp-oauth-conformance', version: '0.1.0' });
  await client.connect(transport);
  return {
    listTools: () => client.listTools(),
    callTool: (name) => client.callTool({ name, arguments: {} }),
    close: () => client.close(),
  };
}
