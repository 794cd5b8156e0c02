import type { McpServer } from '../../src/configuration/mcp-server-list.js';
import type { Visitor } from '../../src/sign-in/web-session.js';

export const hostileText = `</title></textarea>"'><img src=x onerror=alert(1)><script>alert(2)</script>&lt;`;

export const hostileServer: McpServer = {
  name: hostileText,
  config: { url: 'https://mcp.example.com/mcp', auth: { type: 'oauth' } },
  resource: 'https://mcp.example.com/mcp',
};

export const visitor: Visitor = { user: { id: 'ada', name: 'Ada' }, formToken: 'token' };
