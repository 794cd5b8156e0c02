import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { CallToolResult, Tool } from '@modelcontextprotocol/sdk/types.js';
import { answerOf } from './mcp-errors.js';

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

  /** At most 100. */
  async tools(): Promise<readonly Tool[]> {
    const tools: Tool[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES && tools.length < MAX_TOOLS; page++) {
      const listing = this.#client.listTools(cursor === undefined ? {} : { cursor }, this.#request);
      const listed = await this.#answerOf(listing);
      tools.push(...listed.tools);
      cursor = listed.nextCursor;
      if (cursor === undefined) break;
    }
    return tools.slice(0, MAX_TOOLS);
  }

  async call(name: string, args: Record<string, unknown>): Promise<CallToolResult> {
    const calling = this.#client.callTool({ name, arguments: args }, undefined, this.#request);
    return (await this.#answerOf(calling)) as CallToolResult;
  }

  get #request() {
    const { signal, timeout } = this.#options;
    return { signal, timeout, maxTotalTimeout: timeout };
  }

  #answerOf<Answer>(asking: Promise<Answer>): Promise<Answer> {
    return answerOf(this.#options.server, this.#options.signal, asking);
  }
}
