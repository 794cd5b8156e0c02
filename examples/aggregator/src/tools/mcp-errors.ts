import { OAuthClientError } from '@mcp-oauth/core';
import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';

/**
 * `away` the server can't be reached, or fails · `slow` it takes too long · `refused` it understood and said no ·
 * `unusable` what it answers is not MCP.
 */
export type McpTrouble = 'away' | 'slow' | 'refused' | 'unusable';

const REQUEST_TIMEOUT: number = ErrorCode.RequestTimeout;
const CONNECTION_CLOSED: number = ErrorCode.ConnectionClosed;

/** A server didn't do what it was asked for. */
export class McpServerError extends Error {
  override readonly name = 'McpServerError';
  readonly server: string;
  readonly trouble: McpTrouble;
  /** The server's own words: hostile text until it is escaped. */
  readonly words: string | undefined;

  constructor(server: string, trouble: McpTrouble, words?: string) {
    super(`The MCP server ${JSON.stringify(server)}: ${trouble}.`);
    this.server = server;
    this.trouble = trouble;
    this.words = words;
  }
}

/** What to tell about an error of a connection. Errors of this library and defects stay what they are. */
export function asMcpError(error: unknown, server: string): unknown {
  if (error instanceof OAuthClientError || !(error instanceof Error)) return error;
  if (error instanceof McpError) {
    if (error.code === REQUEST_TIMEOUT) return new McpServerError(server, 'slow');
    if (error.code === CONNECTION_CLOSED) return new McpServerError(server, 'away');
    return new McpServerError(server, 'refused', error.message);
  }
  if (error instanceof StreamableHTTPError) {
    return new McpServerError(server, (error.code ?? 0) >= 500 ? 'away' : 'unusable');
  }
  // What `fetch` throws where there is no connection.
  if (error instanceof TypeError) return new McpServerError(server, 'away');
  // Answers that aren't JSON, or not the JSON of MCP.
  if (error instanceof SyntaxError || error.name === 'ZodError')
    return new McpServerError(server, 'unusable');
  return error;
}
