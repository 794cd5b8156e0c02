import { expect, test } from '@jest/globals';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { stdioServerPath } from '@mcp-oauth/e2e';
import { callTool, whoAmI } from './sdk-login.js';

test('the stdio server offers the same tools and takes its subject from the environment', async () => {
  const client = new Client({ name: 'rig', version: '0.1.0' });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [stdioServerPath],
      env: { MCP_USER: 'gil' },
    }),
  );
  try {
    expect((await whoAmI(client)).subject).toBe('gil');
    expect(await callTool(client, 'add', { a: 20, b: 22 })).toBe('42');
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['whoami', 'add']);
  } finally {
    await client.close();
  }
});
