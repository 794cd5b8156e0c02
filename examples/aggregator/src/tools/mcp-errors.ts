import { OAuthClientError } from '@mcp-oauth/core';
import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';

/**
 * `away` the server can't be reached, or fails · `slow` it takes too long · `refused` it understood and said no ·
 * `unusable` what it answers is not MCP.
 */
export type McpTrouble = 'away' | 'slow' | 'refused' | 'unusable';

/** A server didn't do what it was asked for. */
export class McpServerError extends Error {
  override readonly name = 'McpServerError';
  readonly trouble: McpTrouble;
  /** The server's own words: hostile text until it is escaped. */
  readonly words: string | undefined;
  /** A tool was called, and nobody knows whether it did what it does. */
  readonly mayBeDone: boolean;
  readonly #server: string;

  constructor(server: string, trouble: McpTrouble, words?: string, mayBeDone = false) {
    super(`The MCP server ${JSON.stringify(server)}: ${trouble}.`);
    this.trouble = trouble;
    this.words = words;
    this.mayBeDone = mayBeDone;
    this.#server = server;
  }

  /** The same, of a request that called a tool: only a refusal says that nothing was done. */
  duringCall(): McpServerError {
    return new McpServerError(this.#server, this.trouble, this.words, this.trouble !== 'refused');
  }
}

/**
 * Waits for the MCP SDK to have asked a server.
 *
 * @throws {OAuthClientError} as it is.
 * @throws {McpServerError} for everything else, unless `signal` has aborted.
 */
export async function answerOf<Answer>(
  server: string,
  signal: AbortSignal,
  asking: Promise<Answer>,
): Promise<Answer> {
  try {
    return await asking;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof OAuthClientError) throw error;
    const words = error instanceof McpError ? error.message : undefined;
    throw new McpServerError(server, troubleOf(error), words);
  }
}

const REQUEST_TIMEOUT: number = ErrorCode.RequestTimeout;
const CONNECTION_CLOSED: number = ErrorCode.ConnectionClosed;

function troubleOf(error: unknown): McpTrouble {
  if (error instanceof McpError) {
    if (error.code === REQUEST_TIMEOUT) return 'slow';
    return error.code === CONNECTION_CLOSED ? 'away' : 'refused';
  }
  if (error instanceof StreamableHTTPError) return (error.code ?? 0) >= 500 ? 'away' : 'unusable';
  // What `fetch` throws where there is no connection. What the SDK makes of a strange answer has no class of its own.
  return error instanceof TypeError ? 'away' : 'unusable';
}
