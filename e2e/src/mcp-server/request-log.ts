import { createHash } from 'node:crypto';
import { nowMs } from '../http/clock.js';

/** One request. Holds no secret. */
export interface McpRequestEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly headerNames: readonly string[];
  /** The JSON-RPC methods in the body. */
  readonly rpcMethods: readonly string[];
  /** A hash of the access token that was presented, and as what it came. */
  readonly token?: string;
  readonly scheme?: 'bearer' | 'dpop';
  /** Set when the answer ended; a stream is open until then. */
  readonly status?: number;
}

export type McpRequestNote = { -readonly [Member in keyof McpRequestEntry]: McpRequestEntry[Member] };

export interface McpCounts {
  /** By method and path: `POST /mcp`. */
  readonly http: Readonly<Record<string, number>>;
  /** By JSON-RPC method: `tools/call`. Refused requests count too. */
  readonly rpc: Readonly<Record<string, number>>;
  /** Tool calls that were executed, by tool. */
  readonly tools: Readonly<Record<string, number>>;
  readonly unauthorized: number;
  readonly forbidden: number;
  readonly distinctTokens: number;
}

export class McpRequestLog {
  readonly #entries: McpRequestNote[] = [];
  readonly #tools: string[] = [];

  add(entry: Omit<McpRequestEntry, 'at'>): McpRequestNote {
    const note: McpRequestNote = { ...entry, at: nowMs() };
    this.#entries.push(note);
    return note;
  }

  executed(tool: string): void {
    this.#tools.push(tool);
  }

  entries(): readonly McpRequestEntry[] {
    return this.#entries.map((entry) => ({ ...entry }));
  }

  counts(): McpCounts {
    const withStatus = (status: number) => this.#entries.filter((entry) => entry.status === status).length;
    return {
      http: tally(this.#entries.map(({ method, path }) => `${method} ${path}`)),
      rpc: tally(this.#entries.flatMap(({ rpcMethods }) => rpcMethods)),
      tools: tally(this.#tools),
      unauthorized: withStatus(401),
      forbidden: withStatus(403),
      distinctTokens: new Set(this.#entries.flatMap(({ token }) => token ?? [])).size,
    };
  }

  clear(): void {
    this.#entries.length = 0;
    this.#tools.length = 0;
  }
}

export function hashed(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 16);
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
