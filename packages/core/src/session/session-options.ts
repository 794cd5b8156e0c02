import type { TokenIdentity, TokenType } from '../credentials/credentials.js';
import type { ShowUserCode } from '../device/device-login.js';

export interface SignalOptions {
  readonly signal?: AbortSignal;
}

export interface AuthorizeOptions extends SignalOptions {
  /** Scopes that the login must have, space-separated. By default what the MCP server asked for last, if it did. */
  readonly scope?: string;
}

export interface AuthorizeDeviceOptions extends AuthorizeOptions {
  /**
   * Shows the code to the person. Default: the `devicePrompt` of the client. Its `signal` aborts when the login has ended,
   * one way or another. What it throws ends the login.
   */
  readonly onUserCode?: ShowUserCode;
}

export interface BeginAuthorizationOptions extends SignalOptions {
  /** Where the authorization server sends the person's browser back to: https, or http on loopback. */
  readonly redirectUri: string;
  readonly scope?: string;
}

export interface DelegationOptions extends Partial<BeginAuthorizationOptions> {
  /** The other library sends proofs: with its token request by `dpop` of the login, with the token by `session.dpop()`. */
  readonly dpop?: boolean;
}

export interface CurrentTokenOptions extends SignalOptions {
  readonly rejected?: TokenIdentity;
  /** Whether the caller can send a bound token: as `DPoP`, with a proof that `session.dpop()` makes. */
  readonly dpop?: boolean;
}

export interface CurrentToken extends TokenIdentity {
  readonly access_token: string;
  /** It is to be sent as this and as nothing else. */
  readonly token_type: TokenType;
  readonly scope: string | undefined;
  /** Unix time in milliseconds. */
  readonly expires_at: number | undefined;
  readonly issuer: string;
}

export interface BegunWebAuthorization {
  /** Send the person's browser here. */
  readonly authorizationUrl: URL;
  /** Until when, where the server keeps the request itself and forgets it soon (RFC 9126): about a minute. */
  readonly expiresAt?: Date;
  /** Keep it in an HttpOnly cookie of that browser and give it to `completeAuthorization`. */
  readonly binding: string;
}
