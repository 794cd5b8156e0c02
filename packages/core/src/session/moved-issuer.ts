import type { Grant } from '../credentials/credentials.js';
import { isSameIssuer } from '../discovery/issuer.js';
import { discoverProtectedResource } from '../discovery/protected-resource.js';
import { AuthorizationRequiredError, OAuthClientError, TransientError } from '../errors.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import { Deadline, DeadlineExceeded } from '../time/deadline.js';
import type { Look, SessionState } from './session-state.js';

const MOVED = 'issuer_changed';
const TIMEOUT_MS = 5_000;
/** Calls that fail come in crowds. */
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
  return new AuthorizationRequiredError(state.key.resource, MOVED);
}

/** What `ask` gives, once more where a mark that stood in its way was a mistake; what it throws as {@link movedOr} says. */
export async function followingMoves<T>(
  ask: () => Promise<T>,
  http: OAuthHttp,
  state: SessionState,
  signal: AbortSignal | undefined,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (await hasReturned(error, http, state, signal)) return await ask();
    throw await movedOr(error, http, state, signal);
  }
}

/**
 * Whether an MCP server names the authorization server of a login again that was marked as left behind: it was a mistake
 * then, as a configuration of another environment. The mark is taken away for all processes.
 */
async function hasReturned(
  error: unknown,
  http: OAuthHttp,
  state: SessionState,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (!isMark(error) || signal?.aborted) return false;
  state.lookedForReturn = recent(state.lookedForReturn) ?? looked(lookForReturn(http, state));
  return await state.lookedForReturn.found;
}

function isMark(error: unknown): boolean {
  return error instanceof AuthorizationRequiredError && error.reason === MOVED;
}

async function hasMoved(http: OAuthHttp, state: SessionState): Promise<boolean> {
  state.lookedForMove = recent(state.lookedForMove) ?? looked(lookForMove(http, state));
  return await state.lookedForMove.found;
}

function recent(last: Look | undefined): Look | undefined {
  return last && performance.now() - last.at < LOOK_AGAIN_MS ? last : undefined;
}

function looked(looking: Promise<boolean>): Look {
  const found = looking.catch((error: unknown) => {
    // Whoever can't be asked has neither moved nor returned.
    if (error instanceof OAuthClientError || error instanceof DeadlineExceeded) return false;
    throw error;
  });
  return { at: performance.now(), found };
}

async function lookForMove(http: OAuthHttp, state: SessionState): Promise<boolean> {
  const grant = (await state.repository.get())?.credentials.grant;
  if (grant?.status !== 'active' || (await isNamed(http, state, grant)) !== false) return false;
  const marked = await change(state, grant, { status: 'reauth_required', reason: MOVED });
  state.keeper.forget();
  if (marked?.grantId !== grant.grantId || marked.reason !== MOVED) return false;
  state.emit({ type: 'authorization_required', reason: MOVED });
  return true;
}

async function lookForReturn(http: OAuthHttp, state: SessionState): Promise<boolean> {
  const grant = (await state.repository.get())?.credentials.grant;
  if (grant?.reason !== MOVED || (await isNamed(http, state, grant)) !== true) return false;
  await change(state, grant, { status: 'active', reason: undefined });
  return true;
}

/** Whether the MCP server names the authorization server of this grant; `undefined` where it names none. */
async function isNamed(
  http: OAuthHttp,
  state: SessionState,
  { server }: Grant,
): Promise<boolean | undefined> {
  const deadline = new Deadline(TIMEOUT_MS);
  try {
    const { resource } = state.key;
    const metadata = await discoverProtectedResource(http, resource, state.challenge ?? {}, deadline.signal);
    const issuers = metadata?.authorization_servers ?? [];
    return issuers.length === 0 ? undefined : issuers.some((issuer) => isSameIssuer(issuer, server.issuer));
  } finally {
    deadline.clear();
  }
}

/** Marks exactly the token set that was looked at: a login or a refresh may have come meanwhile. */
async function change(
  state: SessionState,
  known: Grant,
  mark: Pick<Grant, 'status' | 'reason'>,
): Promise<Grant | undefined> {
  const isKnown = ({ grantId, generation, status }: Grant): boolean =>
    grantId === known.grantId && generation === known.generation && status === known.status;
  state.loginCooldown.forget();
  const stored = await state.repository.change((current) =>
    current?.grant && isKnown(current.grant)
      ? { ...current, grant: { ...current.grant, ...mark } }
      : undefined,
  );
  return stored?.credentials.grant;
}
