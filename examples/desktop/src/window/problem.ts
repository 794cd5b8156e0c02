import { OAuthClientError } from '@mcp-oauth/core';
import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpError } from '@modelcontextprotocol/sdk/types.js';
import { CommandError } from './command-error.js';

/** What a person is told about an error that can happen to anybody. `undefined` for a defect of this program. */
export function problemOf(error: unknown): string | undefined {
  if (error instanceof OAuthClientError || error instanceof CommandError || error instanceof McpError)
    return error.message;
  // Its message quotes the answer.
  if (error instanceof StreamableHTTPError)
    return `The server answered with status ${error.code ?? 'unknown'}.`;
  // So `fetch` names every failure of the network.
  if (error instanceof TypeError && error.message === 'fetch failed') return "The server can't be reached.";
  return undefined;
}
