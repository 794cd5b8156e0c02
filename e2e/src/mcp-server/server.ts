import type { IncomingMessage, ServerResponse } from 'node:http';
import { newCloser } from '../http/clock.js';
import { FaultQueues, type RefusalFault } from '../http/faults.js';
import { jsonReply, readBody, textReply } from '../http/message.js';
import { answerWithFault, sendReply } from '../http/send.js';
import type { StrictServer } from '../strict-authorization-server/server.js';
import type { McpBehaviour } from './behaviour.js';
import { Guard, presentedToken, type GuardOptions } from './guard.js';
import { hashed, McpRequestLog } from './request-log.js';
import { ResourceMetadata } from './resource-metadata.js';
import { Sessions, type AuthenticatedMessage } from './sessions.js';
import { createToolServer } from './tools.js';
import type { VerifiedToken } from './verified-token.js';

/** `mcp` streamable HTTP, `sse` and `messages` the two halves of the older transport, `metadata` RFC 9728. */
export type McpEndpoint = 'metadata' | 'mcp' | 'sse' | 'messages';

export interface McpRequestHandlerOptions extends GuardOptions {
  readonly origin: string;
  readonly mcpPath: string;
  readonly behaviour: McpBehaviour;
  readonly ownAuthorizationServer: StrictServer | undefined;
}

const ssePath = '/sse';
const messagesPath = '/messages';

export class McpRequestHandler {
  readonly faults = new FaultQueues<McpEndpoint, RefusalFault>();
  readonly log = new McpRequestLog();
  readonly guard: Guard;
  readonly #options: McpRequestHandlerOptions;
  readonly #metadata: ResourceMetadata;
  readonly #sessions: Sessions;
  readonly #closing = newCloser();

  constructor(options: McpRequestHandlerOptions) {
    const { origin, mcpPath, issuers, behaviour } = options;
    this.#options = options;
    const paths = [mcpPath, ssePath];
    this.#metadata = new ResourceMetadata(
      origin,
      paths,
      issuers.map(({ issuer }) => issuer),
      behaviour,
    );
    this.guard = new Guard(
      options,
      this.#metadata,
      paths.map((path) => origin + path),
      behaviour,
    );
    this.#sessions = new Sessions(() =>
      createToolServer({
        remote: true,
        whoAmI: (auth) => ({
          subject: String(auth?.extra?.['subject']),
          client: auth?.clientId ?? '',
          scopes: auth?.scopes ?? [],
        }),
        onExecuted: (tool) => {
          this.log.executed(tool);
        },
      }),
    );
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', this.#options.origin).pathname;
    const { ownAuthorizationServer } = this.#options;
    if (ownAuthorizationServer?.serves(path) === true)
      return ownAuthorizationServer.handle(request, response);
    const body = await readBody(request);
    const messages = rpcMessages(body);
    const note = this.log.add({
      method: request.method ?? '',
      path,
      headerNames: Object.keys(request.headers),
      rpcMethods: messages.map(({ method }) => method),
    });
    const presented = presentedToken(request);
    if (presented !== undefined) {
      note.token = hashed(presented.token);
      note.scheme = presented.scheme;
    }
    const endpoint = this.#endpointAt(path);
    try {
      if (endpoint === undefined) {
        sendReply(response, textReply(404, 'Not found'));
        return;
      }
      const fault = this.faults.take(endpoint);
      if (fault.kind !== 'pass') {
        await answerWithFault(response, fault, this.#closing.signal);
        return;
      }
      if (endpoint === 'metadata') sendReply(response, jsonReply(200, this.#metadata.at(path)));
      else await this.#guarded(endpoint, request, response, messages, parsed(body));
    } finally {
      note.status = response.statusCode;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#sessions.close();
  }

  async #guarded(
    endpoint: Exclude<McpEndpoint, 'metadata'>,
    request: IncomingMessage,
    response: ServerResponse,
    messages: readonly RpcMessage[],
    body: unknown,
  ): Promise<void> {
    const endpointPath = endpoint === 'mcp' ? this.#options.mcpPath : ssePath;
    const { who, error } = this.#refuses(endpoint, request)
      ? { error: request.headers.authorization === undefined ? undefined : 'invalid_token' }
      : await this.guard.admit(request, this.#addressOf(request));
    const nonce = this.guard.newNonce();
    if (nonce !== undefined) response.setHeader('dpop-nonce', nonce);
    if (!who) {
      refuse(response, 401, this.guard.unauthorized(error, endpointPath));
      return;
    }
    const missing = this.guard.missingScope(
      who,
      request.method === 'GET' ? ['GET'] : messages.map(operationOf),
    );
    if (missing !== undefined) {
      refuse(response, 403, this.guard.forbidden(missing, endpointPath));
      return;
    }
    const authenticated: AuthenticatedMessage = Object.assign(request, { auth: authInfo(who, request) });
    if (endpoint === 'mcp') await this.#sessions.streamableHttp(authenticated, response, body);
    else if (endpoint === 'messages') await this.#sessions.sseMessage(authenticated, response, body);
    else await this.#sessions.openSse(response, messagesPath);
  }

  #addressOf(request: IncomingMessage): string {
    const { origin } = this.#options;
    return origin + new URL(request.url ?? '/', origin).pathname;
  }

  #endpointAt(path: string): McpEndpoint | undefined {
    if (path === this.#options.mcpPath) return 'mcp';
    if (path === ssePath) return 'sse';
    if (path === messagesPath) return 'messages';
    return this.#options.issuers.length > 0 && this.#metadata.at(path) ? 'metadata' : undefined;
  }

  #refuses(endpoint: McpEndpoint, request: IncomingMessage): boolean {
    switch (this.#options.behaviour.refuse) {
      case 'nothing':
        return false;
      case 'everything':
        return true;
      case 'get_stream':
        return endpoint === 'mcp' && request.method === 'GET';
      case 'post':
        return request.method === 'POST';
    }
  }
}

interface RpcMessage {
  readonly method: string;
  /** The tool that a `tools/call` names. */
  readonly tool: string | undefined;
}

function operationOf({ method, tool }: RpcMessage): string {
  return tool === undefined ? method : `${method} ${tool}`;
}

function parsed(body: string): unknown {
  try {
    return body === '' ? undefined : JSON.parse(body);
  } catch (error) {
    // The transport answers for what it can't read.
    if (error instanceof SyntaxError) return body;
    throw error;
  }
}

function rpcMessages(body: string): readonly RpcMessage[] {
  const value = parsed(body);
  return (Array.isArray(value) ? value : [value]).flatMap((message: unknown) => {
    if (typeof message !== 'object' || message === null || !('method' in message)) return [];
    const { method, params } = message as { method: unknown; params?: { name?: unknown } };
    return [{ method: String(method), tool: method === 'tools/call' ? String(params?.name) : undefined }];
  });
}

function refuse(response: ServerResponse, status: 401 | 403, challenge: string | undefined): void {
  sendReply(
    response,
    jsonReply(
      status,
      { error: status === 401 ? 'invalid_token' : 'insufficient_scope' },
      challenge === undefined ? {} : { 'www-authenticate': challenge },
    ),
  );
}

function authInfo(who: VerifiedToken, request: IncomingMessage): NonNullable<AuthenticatedMessage['auth']> {
  return {
    token: presentedToken(request)?.token ?? '',
    clientId: who.clientId,
    scopes: [...who.scopes],
    extra: { subject: who.subject },
  };
}
