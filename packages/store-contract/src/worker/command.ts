import type { TokenStore } from '@mcp-oauth/core';

export interface CommandChannel {
  /** To whoever runs this command, as JSON. Resolves when it can't be lost any more, even if this process is killed. */
  send(value: unknown): Promise<void>;
  /** The next message from there. */
  receive(): Promise<unknown>;
}

/** What a worker process can be told to do. Input, messages and result are JSON. */
export type Command = (store: TokenStore, input: never, channel: CommandChannel) => Promise<unknown>;
