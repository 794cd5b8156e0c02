import type { Grant, TokenSet } from '../credentials/credentials.js';
import {
  BlockedAddressError,
  InvalidConfigError,
  LimitExceededError,
  StoreError,
  TransientError,
  UnsafeUrlError,
} from '../errors.js';
import type { AuthorizationRequiredReason } from '../errors.js';
import { ProtocolFailure } from '../protocol/protocol-failure.js';

const BACKOFF_FIRST_MS = 1_000;
const BACKOFF_MAX_MS = 60_000;

export type RefreshOutcome =
  | { readonly kind: 'renewed'; readonly tokens: TokenSet }
  /** The server's last word on this refresh token or this client. */
  | { readonly kind: 'refused'; readonly reason: AuthorizationRequiredReason }
  /** Nothing is known about the token: keep everything. */
  | { readonly kind: 'failed'; readonly error: TransientError };

/** Sorts what came of a refresh. Only two answers end a grant, all others keep it. */
export async function refreshOutcome(issuer: string, request: Promise<TokenSet>): Promise<RefreshOutcome> {
  try {
    return { kind: 'renewed', tokens: await request };
  } catch (error) {
    if (error instanceof TransientError) return { kind: 'failed', error };
    if (isRefusedHere(error)) return { kind: 'failed', error: new TransientError(error.message) };
    if (!(error instanceof ProtocolFailure)) throw error;
    switch (error.error) {
      case 'invalid_grant':
        return { kind: 'refused', reason: 'grant_rejected' };
      case 'invalid_client':
      case 'unauthorized_client':
        return { kind: 'refused', reason: 'client_rejected' };
    }
    const answer =
      error.kind === 'refused' ? (error.error ?? 'an error') : 'something that is no token response';
    const message = `The token endpoint of ${issuer} answered with ${answer}; the grant was kept.`;
    return { kind: 'failed', error: new TransientError(message) };
  }
}

/** Whether a renewal failed in a way that says nothing about the token in use. */
export function leavesGrant(error: unknown): boolean {
  return (
    error instanceof StoreError || error instanceof TransientError || error instanceof InvalidConfigError
  );
}

/** A name may lead inwards for a while and out again: what this host refuses to do says nothing about the grant. */
function isRefusedHere(error: unknown): error is LimitExceededError | BlockedAddressError | UnsafeUrlError {
  return (
    error instanceof LimitExceededError ||
    error instanceof BlockedAddressError ||
    error instanceof UnsafeUrlError
  );
}

/** The grant with its next token set. What the response left out stays (RFC 6749 section 6). */
export function renewed(grant: Grant, tokens: TokenSet): Grant {
  return {
    grantId: grant.grantId,
    generation: grant.generation + 1,
    status: 'active',
    server: grant.server,
    client: grant.client,
    resourceIndicator: grant.resourceIndicator,
    dpop: grant.dpop,
    requestedScope: grant.requestedScope,
    tokens: {
      ...tokens,
      refresh_token: tokens.refresh_token ?? grant.tokens.refresh_token,
      scope: tokens.scope ?? grant.tokens.scope,
    },
  };
}

/** The grant after a refresh that told nothing: the lease is free, the doubt is remembered, everybody waits a little. */
export function cooledDown(grant: Grant, error: TransientError, now: number): Grant {
  const failures = (grant.failures ?? 0) + 1;
  const backoff =
    Math.min(BACKOFF_FIRST_MS * 2 ** (failures - 1), BACKOFF_MAX_MS) * (0.75 + Math.random() / 2);
  return {
    ...grant,
    attempt: undefined,
    inDoubt: (grant.inDoubt ?? 0) + 1,
    failures,
    cooldownUntil: now + Math.max(error.retryAfterMs ?? 0, backoff),
  };
}
