import type { DpopBinding, TokenSet } from '../credentials/credentials.js';
import { tokenType } from '../dpop/token-type.js';

/** A longer lifetime, in seconds, tells nothing. */
export const MAX_LIFETIME_S = 100 * 366 * 24 * 60 * 60;
const MAX_TOKEN_LENGTH = 16 * 1_024;
/** It becomes a header: anything but visible ASCII could break out of it. */
const TOKEN = /^[\x21-\x7e]+$/;

/** A successful token response (RFC 6749 section 5.1), whoever has read it. */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in?: number | undefined;
  readonly refresh_token?: string | undefined;
  readonly scope?: string | undefined;
}

/**
 * The tokens of a response, where they can be sent and stored; `undefined` where they can not.
 *
 * @param issuedAt Unix time in milliseconds at which they were asked for.
 * @param binding The key that was shown with the request.
 */
export function tokenSet(
  response: TokenResponse,
  issuedAt: number,
  binding: DpopBinding | undefined,
): TokenSet | undefined {
  const { access_token, refresh_token, scope, expires_in } = response;
  const token_type = tokenType(response.token_type, binding);
  if (!token_type || !isToken(access_token)) return undefined;
  if (refresh_token !== undefined && !isToken(refresh_token)) return undefined;
  const isLifetime = expires_in !== undefined && expires_in >= 0 && expires_in <= MAX_LIFETIME_S;
  return {
    access_token,
    token_type,
    refresh_token,
    scope,
    issued_at: issuedAt,
    expires_at: isLifetime ? issuedAt + expires_in * 1_000 : undefined,
  };
}

function isToken(text: string): boolean {
  return text.length <= MAX_TOKEN_LENGTH && TOKEN.test(text);
}
