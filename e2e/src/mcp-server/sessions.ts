/* eslint-disable @typescript-eslint/no-deprecated -- the older HTTP+SSE transport is still spoken in the field */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AuthInfo } from '@modelcontextprotocol/sdk/server/auth/types.js';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { jsonReply, textReply } from '../http/message.js';
import { sendReply } from '../http/send.js';

export type AuthenticatedMessage = IncomingMessage & { auth?: AuthInfo };

/** The open sessions of both http transports. */
export class Sessions {
  readonly #createServer: () => McpServer;
  readonly #streamable = new Map<string, StreamableHTTPServerTransport>();
  readonly #sse = new Map<string, SSEServerTransport>();

  constructor(createServer: () => McpServer) {
    this.#createServer = createServer;
  }

  async streamableHttp(
    request: AuthenticatedMessage,
    response: ServerResponse,
    body: unknown,
  ): Promise<void> {
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? this.#streamable.get(id) : undefined;
    if (id !== undefined && known === undefined) {
      const error = { code: -32001, message: 'Session not found' };
      sendReply(response, jsonReply(404, { jsonrpc: '2.0', error, id: null }));
      return;
    }
    await (known ?? (await this.#newStreamable())).handleRequest(request, response, body);
  }

  async openSse(response: ServerResponse, messagesPath: string): Promise<void> {
    const transport = new SSEServerTransport(messagesPath, response);
    this.#sse.set(transport.sessionId, transport);
    response.once('close', () => this.#sse.delete(transport.sessionId));
    await this.#createServer().connect(transport);
  }

  async sseMessage(request: AuthenticatedMessage, response: ServerResponse, body: unknown): Promise<void> {
    const id = new URL(request.url ?? '/', 'http://localhost').searchParams.get('sessionId') ?? '';
    const transport = this.#sse.get(id);
    if (transport) await transport.handlePostMessage(request, response, body);
    else sendReply(response, textReply(404, 'Session not found'));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#streamable.values(), ...this.#sse.values()].map((open) => open.close()));
    this.#streamable.clear();
    this.#sse.clear();
  }

  async #newStreamable(): Promise<StreamableHTTPServerTransport> {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        this.#streamable.set(id, transport);
      },
      onsessionclosed: (id) => {
        this.#streamable.delete(id);
      },
    });
    await this.#createServer().connect(transport);
    return transport;
  }
}
