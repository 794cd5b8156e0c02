import type { FetchLike, OAuthSession } from '@mcp-oauth/core';
import type { RunningMcpServer } from '@mcp-oauth/e2e';
import * as v2 from '@modelcontextprotocol/client';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport as V1SseTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport as V1Transport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/** Connected to an MCP server by the client of one SDK. */
export interface ConnectedClient {
  call(tool: string): Promise<unknown>;
  close(): Promise<void>;
}

/** One SDK and one transport, with the session's `fetch` and no `authProvider`. */
export interface Wire {
  readonly name: string;
  connect(session: OAuthSession, mcp: RunningMcpServer): Promise<ConnectedClient>;
  /** What the session is about: the old transport has an address of its own. */
  resource(mcp: RunningMcpServer): URL;
}

const client = { name: 'test', version: '1' };

function wire(
  name: string,
  kind: 'http' | 'sse',
  connect: (url: URL, fetch: FetchLike) => Promise<ConnectedClient>,
): Wire {
  const resource = (mcp: RunningMcpServer): URL => (kind === 'sse' ? mcp.sseUrl : mcp.url);
  return {
    name,
    resource,
    connect: (session, mcp) =>
      connect(resource(mcp), kind === 'sse' ? session.fetchFor('origin') : session.fetch),
  };
}

async function v1(transport: V1Transport | V1SseTransport): Promise<ConnectedClient> {
  const sdk = new V1Client(client);
  await sdk.connect(transport);
  return {
    call: (tool) => sdk.callTool({ name: tool, arguments: {} }),
    close: () => sdk.close(),
  };
}

async function onV2(transport: v2.Transport): Promise<ConnectedClient> {
  const sdk = new v2.Client(client);
  await sdk.connect(transport);
  return {
    call: (tool) => sdk.callTool({ name: tool, arguments: {} }),
    close: () => sdk.close(),
  };
}

export const wires: readonly Wire[] = [
  wire('SDK v1, streamable HTTP', 'http', (url, fetch) => v1(new V1Transport(url, { fetch }))),
  wire('SDK v2, streamable HTTP', 'http', (url, fetch) =>
    onV2(new v2.StreamableHTTPClientTransport(url, { fetch })),
  ),
  wire('SDK v1, SSE', 'sse', (url, fetch) => v1(new V1SseTransport(url, { fetch }))),
  wire('SDK v2, SSE', 'sse', (url, fetch) => onV2(new v2.SSEClientTransport(url, { fetch }))),
];

export const [v1Http, v2Http] = wires as readonly [Wire, Wire];
