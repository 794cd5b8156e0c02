import { describe, expect, test } from '@jest/globals';
import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import type { TokenStore } from '@mcp-oauth/core';
import { canary, startMcpServer, stdioServerPath } from '@mcp-oauth/e2e';
import type { StaticCredentials } from '@mcp-oauth/e2e';
import { parseMcpServers } from '@mcp-oauth/transport-factory';
import type { McpServerConfig } from '@mcp-oauth/transport-factory';
import { whoami } from './rig.js';
import { sdks } from './sdks.js';

describe.each(sdks)('$name', (sdk) => {
  /** Fails whatever is asked of it. */
  const untouchable = new Proxy(new MemoryTokenStore(), {
    get: (_store, name) => () => Promise.reject(new Error(`the store was asked to ${String(name)}`)),
  }) as TokenStore;

  function factory() {
    return sdk.createTransportFactory({
      oauth: createOAuthClient({ store: untouchable, client: { client_name: 'Test host' } }),
    });
  }

  async function answerOf(config: McpServerConfig): Promise<string> {
    const client = sdk.newClient();
    await client.connect(factory().create(config));
    try {
      return JSON.stringify(await whoami(client));
    } finally {
      await client.close();
    }
  }

  test('a stdio server of a configuration is started with its arguments and environment', async () => {
    const json = JSON.stringify({
      mcpServers: {
        local: { command: process.execPath, args: ['${SERVER}'], env: { MCP_USER: '${WHO:-nobody}' } },
      },
    });
    const { mcpServers } = parseMcpServers(json, { env: { SERVER: stdioServerPath, WHO: 'carol' } });
    expect(await answerOf(mcpServers['local']!)).toContain('carol');
  });

  const token = canary('secret');
  const credentials: readonly (readonly [StaticCredentials, object])[] = [
    [
      { kind: 'bearer', token },
      { type: 'bearer', token: '${SECRET}' },
    ],
    [
      { kind: 'basic', username: 'héloïse', password: token },
      { type: 'basic', username: 'héloïse', password: '${SECRET}' },
    ],
    [
      { kind: 'api_key', header: 'X-API-Key', key: token },
      { type: 'apiKey', key: '${SECRET}' },
    ],
    [
      { kind: 'api_key', header: 'X-Other', key: token },
      { type: 'apiKey', header: 'X-Other', key: '${SECRET}' },
    ],
  ];

  test.each(credentials.map(([needed, auth]) => [needed.kind, needed, auth] as const))(
    '%s credentials are let in over both transports, without OAuth',
    async (_kind, needed, auth) => {
      const mcp = await startMcpServer({ credentials: needed });
      try {
        for (const [type, url] of [
          ['streamable-http', mcp.url],
          ['sse', mcp.sseUrl],
        ] as const) {
          const json = { mcpServers: { one: { type, url: url.href, auth } } };
          const { mcpServers } = parseMcpServers(json, { env: { SECRET: token } });
          expect(await answerOf(mcpServers['one']!)).toContain('static');
        }
        expect(mcp.counts().unauthorized).toBe(0);
      } finally {
        await mcp.close();
      }
    },
  );
});
