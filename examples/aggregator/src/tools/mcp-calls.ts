import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { JsonSchemaValidator, jsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/types.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { TransportFactory } from '@mcp-oauth/transport-factory';
import type { McpServer } from '../configuration/mcp-server-list.js';
import { McpConnection } from './mcp-connection.js';
import { answerOf } from './mcp-errors.js';
import { Slots } from './slots.js';

const TIMEOUT_MS = 10_000;
const GOODBYE_MS = 1_000;

export interface CallTarget {
  readonly owner: string;
  readonly server: McpServer;
  /** Ends the call when the browser has gone. */
  readonly signal: AbortSignal;
}

/**
 * Talks to MCP servers for users. A connection serves one request and ends with it: nothing stays that another user
 * could be given by mistake, and any replica can take the next request.
 */
export class McpCalls {
  readonly #transports: TransportFactory<'many'>;
  readonly #slots = new Slots({ perOwner: 4, total: 100 });

  constructor(transports: TransportFactory<'many'>) {
    this.#transports = transports;
  }

  /**
   * @throws {OAuthClientError} no token could be had: a login is needed, or something has to recover.
   * @throws {McpServerError | TooManyCallsError}
   */
  async connected<Result>(
    { owner, server, signal }: CallTarget,
    body: (connection: McpConnection) => Promise<Result>,
  ): Promise<Result> {
    return await this.#slots.within(owner, async () => {
      const transport = this.#transports.create(server.config, { owner });
      const client = new Client(
        { name: 'example-aggregator', version: '0.1.0' },
        { jsonSchemaValidator: new WithoutSchemas() },
      );
      const options = { server: server.name, signal, timeout: TIMEOUT_MS };
      try {
        const connecting = client.connect(transport, { signal, timeout: TIMEOUT_MS });
        await answerOf(server.name, signal, connecting);
        return await body(new McpConnection(client, options));
      } finally {
        await sayGoodbye(transport);
        await client.close();
      }
    });
  }
}

/** Answers are shown and not worked with: no schema of a stranger is compiled for them. */
class WithoutSchemas implements jsonSchemaValidator {
  getValidator<T>(): JsonSchemaValidator<T> {
    return (input) => ({ valid: true, data: input as T, errorMessage: undefined });
  }
}

/** Servers keep sessions until they are told. Nobody waits long for one that can't be told. */
async function sayGoodbye(transport: Transport): Promise<void> {
  if (!(transport instanceof StreamableHTTPClientTransport) || transport.sessionId === undefined) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, GOODBYE_MS);
  });
  await Promise.race([transport.terminateSession().catch(() => undefined), patience]);
  clearTimeout(timer);
}
