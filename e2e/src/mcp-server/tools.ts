import { setTimeout as sleep } from 'node:timers/promises';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { AuthInfo } from '@modelcontextprotocol/sdk/server/auth/types.js';
import { z } from 'zod';

/** What `whoami` answers, as JSON text. */
export interface WhoAmI {
  readonly subject: string;
  readonly client: string;
  readonly scopes: readonly string[];
}

export interface ToolServerOptions {
  readonly whoAmI: (auth: AuthInfo | undefined) => WhoAmI;
  readonly onExecuted?: (tool: string) => void;
  /** Also offers what only makes sense behind http: `admin_only` and `slow`. */
  readonly remote: boolean;
}

const text = (value: string) => ({ content: [{ type: 'text' as const, text: value }] });

/** The MCP server behind every transport of the rig. */
export function createToolServer({ whoAmI, onExecuted, remote }: ToolServerOptions): McpServer {
  const server = new McpServer({ name: 'mcp-oauth-rig', version: '0.1.0' });
  server.registerTool('whoami', { description: 'Says who is logged in.' }, ({ authInfo }) => {
    onExecuted?.('whoami');
    return text(JSON.stringify(whoAmI(authInfo)));
  });
  server.registerTool(
    'add',
    { description: 'Adds two numbers.', inputSchema: { a: z.number(), b: z.number() } },
    ({ a, b }) => {
      onExecuted?.('add');
      return text(String(a + b));
    },
  );
  if (!remote) return server;
  server.registerTool('admin_only', { description: 'Needs the scope mcp:admin.' }, () => {
    onExecuted?.('admin_only');
    return text('done');
  });
  server.registerTool(
    'slow',
    { description: 'Answers after so many milliseconds.', inputSchema: { ms: z.number().max(60_000) } },
    async ({ ms }, { signal }) => {
      onExecuted?.('slow');
      await sleep(ms, undefined, { signal });
      return text(`waited ${String(ms)} ms`);
    },
  );
  return server;
}
