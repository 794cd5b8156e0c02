import type { FetchLike } from '@mcp-oauth/core';
import type { McpServer } from '../configuration/mcp-server-list.js';

const TIMEOUT_MS = 2_000;
const REMEMBERED_MS = 3_000;

interface Answer {
  readonly at: number;
  readonly isThere: Promise<boolean>;
}

/** Whether MCP servers answer at all, asked without anybody's token and remembered for three seconds. */
export class Reachability {
  readonly #fetch: FetchLike;
  readonly #answers = new Map<string, Answer>();

  constructor(fetch: FetchLike) {
    this.#fetch = fetch;
  }

  isThere({ name, config }: McpServer): Promise<boolean> {
    const known = this.#answers.get(name);
    if (known && performance.now() - known.at < REMEMBERED_MS) return known.isThere;
    const isThere = this.#ask(config.url);
    this.#answers.set(name, { at: performance.now(), isThere });
    return isThere;
  }

  async #ask(url: string): Promise<boolean> {
    try {
      const response = await this.#fetch(url, {
        headers: { accept: 'text/event-stream' },
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body?.cancel();
      return response.status < 500;
    } catch {
      // Whatever the runtime threw: the address comes from the configuration, so only the connection can be wrong.
      return false;
    }
  }
}
