import type { Grant } from '../credentials/credentials.js';
import { OAuthClientError } from '../errors.js';
import type { RevocationEndpoint } from '../protocol/revocation-endpoint.js';
import type { Revocation, RevocationOutcome } from '../protocol/revocation-endpoint.js';
import type { ClientKeys } from '../registration/client-keys.js';

/** A server that is slow to revoke must not keep a person from logging out. */
const TIMEOUT_MS = 3_000;

/** `absent` there was no such token. */
export type TokenRevocation = RevocationOutcome | 'absent';

/** What the authorization server did with each token. Locally both are gone in any case. */
export interface RevocationReport {
  readonly refresh_token: TokenRevocation;
  readonly access_token: TokenRevocation;
}

/**
 * Revokes a grant's tokens at the server (RFC 7009), the long-lived one first, each on its own. Never throws for a
 * server's sake.
 *
 * @param leftMs How many milliseconds it may still take; 3 s for each token in any case.
 */
export async function revokeGrant(
  endpoint: RevocationEndpoint,
  grant: Grant,
  keys: ClientKeys,
  leftMs: () => number = () => TIMEOUT_MS,
): Promise<RevocationReport> {
  const { access_token, refresh_token } = grant.tokens;
  const revoked = (token: string, hint: Revocation['hint']): Promise<TokenRevocation> =>
    revoke(endpoint, grant, { keys, token, hint, timeoutMs: Math.min(leftMs(), TIMEOUT_MS) });
  return {
    refresh_token: refresh_token === undefined ? 'absent' : await revoked(refresh_token, 'refresh_token'),
    access_token: await revoked(access_token, 'access_token'),
  };
}

async function revoke(
  endpoint: RevocationEndpoint,
  { server, client }: Grant,
  request: Pick<Revocation, 'keys' | 'token' | 'hint' | 'timeoutMs'>,
): Promise<TokenRevocation> {
  const { revocation_endpoint } = server;
  if (revocation_endpoint === undefined) return 'unsupported';
  if (request.timeoutMs <= 0) return 'failed';
  try {
    return await endpoint.revoke({ ...request, server: { ...server, revocation_endpoint }, client });
  } catch (error) {
    if (error instanceof OAuthClientError) return 'failed';
    throw error;
  }
}
