import type { Grant } from '../credentials/credentials.js';
import { OAuthClientError } from '../errors.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import { revokeToken } from '../protocol/revocation-endpoint.js';
import type { RevocationOutcome } from '../protocol/revocation-endpoint.js';

/** A server that is slow to revoke must not keep a person from logging out. */
const TIMEOUT_MS = 3_000;

/** `absent` there was no such token · `failed` the server could not be asked, or could not do it. */
export type TokenRevocation = RevocationOutcome | 'absent' | 'failed';

/** What the authorization server did with each token. Locally both are gone in any case. */
export interface RevocationReport {
  readonly refresh_token: TokenRevocation;
  readonly access_token: TokenRevocation;
}

/** Revokes a grant's tokens at the server (RFC 7009), the long-lived one first, each on its own. Never throws for a server's sake. */
export async function revokeGrant(http: OAuthHttp, grant: Grant): Promise<RevocationReport> {
  const { access_token, refresh_token } = grant.tokens;
  return {
    refresh_token:
      refresh_token === undefined ? 'absent' : await revoke(http, grant, refresh_token, 'refresh_token'),
    access_token: await revoke(http, grant, access_token, 'access_token'),
  };
}

async function revoke(
  http: OAuthHttp,
  { server, client }: Grant,
  token: string,
  hint: 'refresh_token' | 'access_token',
): Promise<TokenRevocation> {
  const { revocation_endpoint } = server;
  if (revocation_endpoint === undefined) return 'unsupported';
  try {
    return await revokeToken(http, {
      server: { ...server, revocation_endpoint },
      client,
      token,
      hint,
      timeoutMs: TIMEOUT_MS,
    });
  } catch (error) {
    if (error instanceof OAuthClientError) return 'failed';
    throw error;
  }
}
