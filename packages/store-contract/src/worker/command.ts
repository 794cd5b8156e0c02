import type { TokenStore } from '@mcp-oauth/core';

export interface CommandChannel {
  /** To whoever runs this command, as JSON. */
  send(value: unknown): void;
  /** The next message from there. */
  receive(): Promise<unknown>;
}

/** What a worker process can be told to do. Input, messages and result are JSON. */
export type Command = (store: TokenStore, input: never, channel: CommandChannel) => Promise<unknown>;
