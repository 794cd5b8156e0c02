import { coversScope } from '../authorization/scope.js';
import type { Grant } from '../credentials/credentials.js';
import { supersedes } from '../credentials/credentials.js';
import { AuthorizationRequiredError, StepUpExhaustedError } from '../errors.js';
import type { FetchLike } from '../http/bounded-request.js';
import { probe } from '../resource/probe.js';
import { sendWithToken } from '../resource/token-presentation.js';
import type { SessionState } from './session-state.js';

/** Libraries that attach the token themselves don't say which call it was: all of theirs share one bound. */
const ANY_OPERATION = '';
/** A token that is refused so soon after the one that it was renewed from is refused for something else than its age. */
const RENEWED_MS = 60_000;

/**
 * What a login should ask for after a call with this grant was refused, by 401 or 403, with a challenge that names
 * `scope`. `undefined` where the MCP server doesn't take the token at all: that is not about scopes.
 *
 * @throws {AuthorizationRequiredError} it has been renewed for nothing already.
 * @throws {StepUpExhaustedError | TransientError | StoreError}
 */
export async function stepUpScope(
  fetch: FetchLike,
  state: SessionState,
  grant: Grant,
  scope: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const { resource } = state.key;
  if ((await probe(withToken(fetch, state, grant), resource, signal)) !== undefined) {
    if (!state.keeper.hasExpired(grant)) state.loginCooldown.refused(grant);
    if (isRenewedInVain(state, grant)) throw new AuthorizationRequiredError(resource, 'token_refused');
    return undefined;
  }
  state.loginCooldown.worked(grant);
  // The person may have just consented, in another process: they must not be asked again.
  const newer = await state.keeper.superseding(grant, signal);
  if (newer && coversScope(newer.tokens.scope, scope)) return undefined;
  try {
    const wanted = await state.stepUps.request({ operation: ANY_OPERATION, scope }, grant, signal);
    state.emit({ type: 'step_up', scope: wanted });
    return wanted;
  } catch (error) {
    if (error instanceof StepUpExhaustedError)
      state.emit({ type: 'authorization_refused', code: error.code });
    throw error;
  }
}

function isRenewedInVain(state: SessionState, grant: Grant): boolean {
  const { foundRefused: before } = state;
  const at = performance.now();
  const isSame = before !== undefined && !supersedes(grant, before.token);
  if (!isSame) state.foundRefused = { token: grant, at };
  return before !== undefined && !isSame && at - before.at < RENEWED_MS;
}

function withToken(fetch: FetchLike, { key, dpop }: SessionState, grant: Grant): FetchLike {
  return (url, init = {}) => sendWithToken(fetch, new URL(url), init, { grant, dpop, ...key });
}
