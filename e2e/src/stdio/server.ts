import { env } from 'node:process';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createToolServer } from '../mcp-server/tools.js';

// Who it is comes by the environment, as credentials of stdio servers do.
const subject = env['MCP_USER'] ?? 'local';
const server = createToolServer({
  remote: false,
  whoAmI: () => ({ subject, client: 'stdio', scopes: [] }),
});
await server.connect(new StdioServerTransport());
