import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { RequestOptions } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type { CallToolResult, Tool } from '@modelcontextprotocol/sdk/types.js';

const MAX_TOOLS = 100;
const MAX_PAGES = 5;

/** One server, as long as a request lasts. */
export class McpConnection {
  readonly #client: Client;
  readonly #options: RequestOptions;

  constructor(client: Client, options: RequestOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** At most 100. */
  async tools(): Promise<readonly Tool[]> {
    const tools: Tool[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES && tools.length < MAX_TOOLS; page++) {
      const listed = await this.#client.listTools(cursor === undefined ? {} : { cursor }, this.#options);
      tools.push(...listed.tools);
      cursor = listed.nextCursor;
      if (cursor === undefined) break;
    }
    return tools.slice(0, MAX_TOOLS);
  }

  async tool(name: string): Promise<Tool | undefined> {
    return (await this.tools()).find((tool) => tool.name === name);
  }

  async call(name: string, args: Record<string, unknown>): Promise<CallToolResult> {
    return (await this.#client.callTool(
      { name, arguments: args },
      undefined,
      this.#options,
    )) as CallToolResult;
  }
}
