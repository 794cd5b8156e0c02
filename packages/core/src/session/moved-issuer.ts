import type { Grant, TokenIdentity } from '../credentials/credentials.js';
import { isSameIssuer } from '../discovery/issuer.js';
import { discoverProtectedResource } from '../discovery/protected-resource.js';
import { AuthorizationRequiredError, OAuthClientError, TransientError } from '../errors.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import { Deadline, DeadlineExceeded } from '../time/deadline.js';
import type { SessionState } from './session-state.js';

const TIMEOUT_MS = 5_000;
/** Refreshes that fail come in crowds. */
const LOOK_AGAIN_MS = 10_000;

/**
 * An error as it is, or `issuer_changed` where the MCP server has moved to another authorization server meanwhile: a
 * refresh that fails at the old one would be tried for ever, and a token of it be refused for ever. The grant is marked
 * and kept, so that a login is asked for once, in all processes. Nothing of it is shown to the new server.
 */
export async function movedOr(
  error: unknown,
  http: OAuthHttp,
  state: SessionState,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const mayHaveMoved =
    error instanceof TransientError ||
    (error instanceof AuthorizationRequiredError && error.reason === 'token_refused');
  if (!mayHaveMoved || signal?.aborted || !(await hasMoved(http, state))) return error;
  return new AuthorizationRequiredError(state.key.resource, 'issuer_changed');
}

function hasMoved(http: OAuthHttp, state: SessionState): Promise<boolean> {
  const { lookedForMove: last } = state;
  if (last && performance.now() - last.at < LOOK_AGAIN_MS) return last.found;
  const found = look(http, state).catch((error: unknown) => {
    // Whoever can't be asked has not moved.
    if (error instanceof OAuthClientError || error instanceof DeadlineExceeded) return false;
    throw error;
  });
  state.lookedForMove = { at: performance.now(), found };
  return found;
}

async function look(http: OAuthHttp, state: SessionState): Promise<boolean> {
  const grant = (await state.repository.get())?.credentials.grant;
  if (grant?.status !== 'active') return false;
  const deadline = new Deadline(TIMEOUT_MS);
  try {
    const { resource } = state.key;
    const metadata = await discoverProtectedResource(http, resource, state.challenge ?? {}, deadline.signal);
    const issuers = metadata?.authorization_servers ?? [];
    if (issuers.length === 0 || issuers.some((issuer) => isSameIssuer(issuer, grant.server.issuer)))
      return false;
  } finally {
    deadline.clear();
  }
  await mark(state, grant);
  return true;
}

async function mark(state: SessionState, known: Grant): Promise<void> {
  const isKnown = ({ grantId, generation }: TokenIdentity): boolean =>
    grantId === known.grantId && generation === known.generation;
  await state.repository.change((current) =>
    current?.grant && isKnown(current.grant)
      ? { ...current, grant: { ...current.grant, status: 'reauth_required', reason: 'issuer_changed' } }
      : undefined,
  );
  state.keeper.forget();
  state.emit({ type: 'authorization_required', reason: 'issuer_changed' });
}
