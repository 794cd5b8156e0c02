import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import type { CallToolResult, Tool } from '@modelcontextprotocol/sdk/types.js';
import { answerOf, McpServerError } from './mcp-errors.js';

const MAX_TOOLS = 100;
const MAX_PAGES = 5;

export interface McpConnectionOptions {
  readonly server: string;
  readonly signal: AbortSignal;
  /** For each request, in milliseconds. */
  readonly timeout: number;
}

/** One server, as long as a request of a browser lasts. */
export class McpConnection {
  readonly #client: Client;
  readonly #options: McpConnectionOptions;

  constructor(client: Client, options: McpConnectionOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** At most 100, and only those that a page can be about. */
  async tools(): Promise<readonly Tool[]> {
    const tools: Tool[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES && tools.length < MAX_TOOLS; page++) {
      const listing = this.#client.listTools(cursor === undefined ? {} : { cursor }, this.#request);
      const listed = await this.#answerOf(listing);
      tools.push(...listed.tools.filter(({ name }) => hasAddress(name)));
      cursor = listed.nextCursor;
      if (cursor === undefined) break;
    }
    return tools.slice(0, MAX_TOOLS);
  }

  async call(name: string, args: Record<string, unknown>): Promise<CallToolResult> {
    // Not `callTool`: it keeps back an answer that lacks what the tool's schema promises, and what was done is done.
    const calling = this.#client.request(
      { method: 'tools/call', params: { name, arguments: args } },
      CallToolResultSchema,
      this.#request,
    );
    return await this.#answerOf(calling).catch((error: unknown) => {
      throw error instanceof McpServerError ? error.duringCall() : error;
    });
  }

  get #request() {
    const { signal, timeout } = this.#options;
    return { signal, timeout, maxTotalTimeout: timeout };
  }

  #answerOf<Answer>(asking: Promise<Answer>): Promise<Answer> {
    return answerOf(this.#options.server, this.#options.signal, asking);
  }
}

/** Lone surrogates can't be encoded, and dots mean another place: such a tool would have no page, or break the list. */
function hasAddress(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/\p{Cs}/u.test(name);
}
