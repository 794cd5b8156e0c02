import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** What a person is told when something can't be done: what happened, and what they can do. */
export interface Trouble {
  readonly status: ContentfulStatusCode;
  readonly title: string;
  readonly what: string;
  readonly advice: string;
  /** The words of whoever refused. Hostile text. */
  readonly words?: string;
  readonly retryAfterSeconds?: number;
  /** Helps with a login at this MCP server, for these scopes. */
  readonly login?: { readonly resource: string; readonly scope: string | undefined };
}
