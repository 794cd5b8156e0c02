import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TransportFactory } from '@mcp-oauth/transport-factory';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpCalls } from '../../src/tools/mcp-calls.js';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly protocolVersion?: string };
}

/** An MCP server without a login, whose words are all the test's own. */
export interface HostileMcpServer {
  readonly calls: McpCalls;
  /** JSON text. */
  tools: string;
  onCall: (response: ServerResponse, answer: (result: string) => void) => void;
  close(): Promise<void>;
}

export async function startHostileMcpServer(): Promise<HostileMcpServer> {
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => reply(body, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = new URL(`http://127.0.0.1:${String(port)}/mcp`);
  const transports = { create: () => new StreamableHTTPClientTransport(url) };
  const hostile: HostileMcpServer = {
    calls: new McpCalls(transports as unknown as TransportFactory<'many'>),
    tools: '[]',
    onCall: (_, answer) => answer('{"content": []}'),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  function reply(body: string, response: ServerResponse): void {
    if (body === '') {
      response.writeHead(405).end();
      return;
    }
    const { id, method, params } = JSON.parse(body) as Message;
    const answer = (result: string): void => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(`{"jsonrpc": "2.0", "id": ${String(id)}, "result": ${result}}`);
    };
    if (id === undefined) response.writeHead(202).end();
    else if (method === 'tools/list') answer(`{"tools": ${hostile.tools}}`);
    else if (method === 'tools/call') hostile.onCall(response, answer);
    else {
      const serverInfo = { name: 'hostile', version: '1' };
      const { protocolVersion } = params ?? {};
      answer(JSON.stringify({ protocolVersion, capabilities: { tools: {} }, serverInfo }));
    }
  }
  return hostile;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8') as AsyncIterable<string>) body += chunk;
  return body;
}
