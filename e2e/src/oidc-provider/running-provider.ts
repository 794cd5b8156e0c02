import type { LoopbackHost } from '../http/loopback-listener.js';
import type { TokenIssuer } from '../mcp-server/verified-token.js';
import type { TokenRequest } from '../story/token-requests.js';
import type { OidcProviderOptions } from './configuration.js';

export interface StartOidcProviderOptions extends OidcProviderOptions {
  /** Default: `127.0.0.1`. */
  readonly host?: LoopbackHost;
}

/** Something that the server refused, or that broke in it. */
export interface ProviderError {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** oidc-provider's name for the event: `grant.error`, `server_error` … */
  readonly event: string;
  readonly error: string;
  readonly description: string | undefined;
  /** What oidc-provider keeps from the client: "refresh token already used". */
  readonly detail: string | undefined;
}

/** A real authorization server: oidc-provider, with pages of its own. */
export interface OidcProvider extends TokenIssuer {
  /** How often each path was requested, by method and path: `POST /token`. One-time paths go as `/interaction/:uid`. */
  counts(): Readonly<Record<string, number>>;
  errors(): readonly ProviderError[];
  /** Those that were answered. */
  tokenRequests(): readonly TokenRequest[];
  /** How many grants were revoked, by reuse of a refresh token or by request. */
  revokedGrants(): number;
  close(): Promise<void>;
}
