import type { FetchLike } from '@mcp-oauth/core';

/** What asks MCP servers, and the authorization servers that they name. */
export interface OutboundFetch {
  readonly fetch: FetchLike;
  close(): Promise<void>;
}

export function outboundFetch(_allowedOrigins: readonly string[]): OutboundFetch {
  return { fetch: (url, init) => globalThis.fetch(url, init), close: () => Promise.resolve() };
}
