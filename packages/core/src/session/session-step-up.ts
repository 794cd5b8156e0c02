import type { Grant } from '../credentials/credentials.js';
import { StepUpExhaustedError } from '../errors.js';
import type { FetchLike } from '../http/bounded-request.js';
import { probe } from '../resource/probe.js';
import type { SessionState } from './session-state.js';

/** Libraries that attach the token themselves don't say which call it was: all of theirs share one bound. */
const ANY_OPERATION = '';

/**
 * What a login should ask for after a call with this grant was refused, by 401 or 403, with a challenge that names
 * `scope`. `undefined` where the MCP server doesn't take the token at all: that is not about scopes.
 *
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
  if ((await probe(withToken(fetch, grant), resource, signal)) !== undefined) return undefined;
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

function withToken(fetch: FetchLike, { tokens }: Grant): FetchLike {
  return (url, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${tokens.access_token}`);
    return fetch(url, { ...init, headers });
  };
}
