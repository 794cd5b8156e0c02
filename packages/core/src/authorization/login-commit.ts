import type { Grant, TokenSet } from '../credentials/credentials.js';
import type { CredentialsRepository } from '../credentials/credentials-repository.js';
import { CallbackRejectedError, DpopUnsupportedError, StoreError } from '../errors.js';
import { sleep } from '../time/sleep.js';
import type { PendingAuthorization } from './pending-authorization.js';

const SAVE_TRIES = 4;
const SAVE_FIRST_MS = 100;

/** What a login was for. */
export type LoginTarget = Pick<
  PendingAuthorization,
  'server' | 'client' | 'resourceIndicator' | 'scope' | 'dpop'
>;

export function newGrant(target: LoginTarget, tokens: TokenSet): Grant {
  const { server, client, resourceIndicator, scope, dpop } = target;
  return {
    grantId: crypto.randomUUID(),
    generation: 1,
    status: 'active',
    server,
    client,
    resourceIndicator,
    // A server may leave the scope out where it granted what was asked for (RFC 6749 section 5.1).
    tokens: { ...tokens, scope: tokens.scope ?? scope },
    dpop,
    requestedScope: scope,
  };
}

/**
 * Keeps the grant of a login over the epoch that it was begun in. Where that is over, the store fails for good, or the
 * MCP server would not take the tokens, they are given back.
 *
 * @throws {CallbackRejectedError | DpopUnsupportedError | StoreError}
 */
export async function commitLogin(
  pending: Pick<PendingAuthorization, 'epoch' | 'resource'>,
  grant: Grant,
  repository: CredentialsRepository,
  discard: (grant: Grant) => Promise<void>,
): Promise<Grant> {
  if (grant.dpop?.required === true && grant.tokens.token_type !== 'DPoP') {
    await discard(grant);
    throw new DpopUnsupportedError(pending.resource, 'not_bound');
  }
  for (let tries = 1; ; tries++) {
    try {
      const stored = await repository.change((current) =>
        current?.epoch === pending.epoch && current.grant?.grantId !== grant.grantId
          ? { ...current, issuer: grant.server.issuer, grant, login: undefined }
          : undefined,
      );
      const kept = stored?.credentials.grant;
      // The answer to an earlier try may have been lost, and another process have renewed it since.
      if (kept?.grantId === grant.grantId) return kept;
      break;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (tries >= SAVE_TRIES) {
        await discard(grant);
        throw error;
      }
      await sleep(SAVE_FIRST_MS * 2 ** tries);
    }
  }
  // Somebody logged out or was forgotten meanwhile, and must not come back.
  await discard(grant);
  throw new CallbackRejectedError('unknown_flow');
}
