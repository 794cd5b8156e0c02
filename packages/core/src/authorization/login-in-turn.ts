import { supersedes } from '../credentials/credentials.js';
import type { Grant } from '../credentials/credentials.js';
import {
  AuthorizationDeniedError,
  AuthorizationRequiredError,
  AuthorizationTimeoutError,
  BrowserError,
  ClientClosedError,
  InvalidConfigError,
  OAuthClientError,
  TransientError,
} from '../errors.js';
import type { AnyOAuthClientError } from '../errors.js';
import type { ProcessIdentity } from '../ports/process-identity.js';
import { isRefused } from '../session/session-state.js';
import type { SessionState } from '../session/session-state.js';
import type { Clock } from '../time/clock.js';
import { DeadlineExceeded } from '../time/deadline.js';
import { loginCompleted, takeOver } from './login-completed.js';
import { LoginTurn } from './login-turn.js';
import { coversScope } from './scope.js';
import { isNo } from './step-ups.js';

export interface LoginInTurnOptions {
  readonly clock: Clock;
  readonly identity: ProcessIdentity | undefined;
  /** How long a person may take. */
  readonly timeoutMs: number;
}

/** Why a login is needed. */
export interface LoginNeed {
  /** The grant that was found wanting. Any other one, which a login of another process has given by then, will do. */
  readonly known: Grant | undefined;
  /** Scopes that the grant must have. */
  readonly stepUpScope: string | undefined;
}

export interface LoginInTurnRequest extends LoginNeed {
  readonly state: SessionState;
  readonly signal: AbortSignal;
  /** What only this way to log in suffers from: another process, with another one, may do better. */
  readonly isOwnTrouble?: (error: unknown) => boolean;
}

/** A login that is ours to make. */
export interface OwnLogin {
  /** Of the record to log in over. */
  readonly epoch: string;
  /** The grant that stood in the record before. */
  readonly before: Grant | undefined;
  /** Tells the processes that wait that a person may take longer than usual. */
  readonly prolong: (timeoutMs: number) => Promise<void>;
}

/**
 * Logs a person in by `logIn` when it is this process's turn, or takes over what another process's login gave.
 *
 * @throws what `logIn` throws, besides the ways in which a login that was waited for may end.
 */
export async function loginInTurn(
  { clock, identity, timeoutMs }: LoginInTurnOptions,
  { state, known, stepUpScope, signal, isOwnTrouble = () => false }: LoginInTurnRequest,
  logIn: (own: OwnLogin) => Promise<Grant>,
): Promise<void> {
  const { repository, key } = state;
  const { resource, profile } = key;
  const turns = new LoginTurn({ repository, clock, identity, resource, profile, timeoutMs });
  const turn = await turns.take(
    async (grant) =>
      supersedes(grant, known) &&
      coversScope(grant.tokens.scope, stepUpScope) &&
      !isRefused(state, grant) &&
      (await isUsable(state, grant)),
    signal,
  );
  if (turn.kind === 'joined') {
    takeOver(state, turn.grant);
    return;
  }
  const { mark, credentials } = turn;
  try {
    const prolong = (ms: number): Promise<void> => turns.prolong(mark, ms);
    const { epoch, grant: before } = credentials;
    loginCompleted(state, await logIn({ epoch, before, prolong }));
  } catch (error) {
    const shown =
      error instanceof DeadlineExceeded ? new AuthorizationTimeoutError(resource, timeoutMs) : error;
    // Here and not where a login is waited for: what those wanted the person has never seen.
    await state.stepUps.ended(shown, stepUpScope);
    await turns.end(mark, isOwnTrouble(shown) ? 'abandoned' : ending(shown, signal));
    if (shown instanceof OAuthClientError) {
      const { code } = shown as AnyOAuthClientError;
      state.emit({ type: 'authorization_refused', code });
    }
    throw shown;
  }
}

/** Whether its token is good, or can be renewed, by this process. */
async function isUsable({ keeper, dpop, key }: SessionState, grant: Grant): Promise<boolean> {
  if (grant.status !== 'active') return false;
  if (keeper.hasExpired(grant) && grant.tokens.refresh_token === undefined) return false;
  try {
    await dpop.assertKey(grant, key.resource);
    return true;
  } catch (error) {
    if (error instanceof AuthorizationRequiredError) return false;
    throw error;
  }
}

function ending(error: unknown, signal: AbortSignal): 'denied' | 'transient' | 'failed' | 'abandoned' {
  if (error instanceof AuthorizationDeniedError) return isNo(error) ? 'denied' : 'transient';
  if (error instanceof TransientError) return signal.aborted ? 'abandoned' : 'transient';
  // Another process, with another browser or another configuration, may do better than this one.
  const mine =
    error instanceof BrowserError ||
    error instanceof InvalidConfigError ||
    error instanceof ClientClosedError;
  return signal.aborted || mine ? 'abandoned' : 'failed';
}
