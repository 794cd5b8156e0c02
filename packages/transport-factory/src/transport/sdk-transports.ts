import type { FetchLike } from '@mcp-oauth/core';

/** What an MCP transport is to this package, whichever SDK it comes from. */
export interface SdkTransport {
  start(): Promise<void>;
  close(): Promise<void>;
}

interface HttpOptions {
  readonly fetch: FetchLike;
}

interface StdioParameters {
  command: string;
  args?: string[];
  env?: Record<string, string>;
  cwd?: string;
}

/** How the SDK says that an event stream did not open: with the HTTP status alone. */
export interface SseFailure extends Error {
  readonly code: number | undefined;
}

/** What one major version of the MCP SDK exports, by its own names. */
export interface SdkTransports<T extends SdkTransport> {
  readonly StreamableHTTPClientTransport: new (url: URL, options: HttpOptions) => T;
  readonly SSEClientTransport: new (url: URL, options: HttpOptions) => T;
  readonly StdioClientTransport: new (parameters: StdioParameters) => T;
  readonly getDefaultEnvironment: () => Record<string, string>;
  readonly SseError: abstract new (...args: never[]) => SseFailure;
}
