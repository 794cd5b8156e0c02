import type { AuthorizationFlow } from '../authorization/authorization-flow.js';
import { loginCompleted, takeOver } from '../authorization/login-completed.js';
import { LoginTurn } from '../authorization/login-turn.js';
import type { LoginEnding, OwnTurn } from '../authorization/login-turn.js';
import { coversScope } from '../authorization/scope.js';
import { supersedes } from '../credentials/credentials.js';
import type { Grant, TokenIdentity, TokenRefusal } from '../credentials/credentials.js';
import {
  AuthorizationRequiredError,
  CallbackRejectedError,
  InvalidConfigError,
  OAuthClientError,
  TokenRequestError,
  TransientError,
} from '../errors.js';
import type { AnyOAuthClientError } from '../errors.js';
import type { ProcessIdentity } from '../ports/process-identity.js';
import type { SessionSettings } from '../session/session-settings.js';
import type { SessionState } from '../session/session-state.js';
import type { Clock } from '../time/clock.js';
import { Deadline, DeadlineExceeded } from '../time/deadline.js';
import { abortable } from '../time/sleep.js';
import { freshness } from '../token/freshness.js';
import type { MachineGrant } from './machine-grant.js';
import type { MachineTokens } from './machine-tokens.js';
import type { RecentFailures } from './recent-failures.js';

/** How long may go by before the token request is sent: discovery, and the host's own source of assertions. */
const PREPARING_MS = 30_000;
/** One of our own, after one of somebody else's that was for other scopes, after one that had ended on the way. */
const MAX_ROUNDS = 3;

export interface MachineLoginOptions {
  readonly tokens: MachineTokens;
  readonly flow: AuthorizationFlow;
  readonly failures: RecentFailures;
  readonly clock: Clock;
  readonly identity: ProcessIdentity | undefined;
  /** How long a token request may take. */
  readonly timeoutMs: number;
}

export interface MachineLoginRequest {
  readonly rejected?: TokenIdentity | undefined;
  /** Scopes that the grant must have. */
  readonly scope?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Aborts when the client is closed. */
  readonly closing: AbortSignal;
}

interface Need {
  readonly settings: SessionSettings;
  readonly grant: MachineGrant;
  readonly rejected: TokenIdentity | undefined;
  /** The token set that won't do: refused, ended, or too narrow. */
  readonly known: TokenIdentity | undefined;
  readonly scope: string | undefined;
}

/** Gets tokens without a person, where a session is set up for that: one request, however many calls and processes ask. */
export class MachineLogin {
  readonly #options: MachineLoginOptions;

  constructor(options: MachineLoginOptions) {
    this.#options = options;
  }

  /**
   * The grant in use, renewed where it has to be: by its refresh token where it has one, else by a new grant.
   *
   * @throws {AuthorizationRequiredError} a person has to log in, where the session is not set up to do without.
   * @throws {TokenRequestError | TransientError | StoreError | InvalidConfigError} besides what discovery throws, and what
   *   the host's own source of assertions throws.
   */
  async current(
    state: SessionState,
    settings: SessionSettings,
    { rejected, scope, signal, closing }: MachineLoginRequest,
  ): Promise<Grant> {
    const { keeper } = state;
    const { grant } = settings;
    if (!grant) return await keeper.current(rejected, signal);
    signal?.throwIfAborted();
    const held = keeper.held ?? (await this.#load(state, signal));
    if (held && coversScope(held.tokens.scope, scope) && this.#isRenewable(held, rejected)) {
      try {
        return await keeper.current(rejected, signal);
      } catch (error) {
        if (!isPassedBy(error)) throw error;
      }
    }
    const need = { settings, grant, rejected, scope, known: held ?? rejected };
    return await this.#obtain(state, need, signal ? AbortSignal.any([signal, closing]) : closing, closing);
  }

  /**
   * A grant with more scopes, after a call was refused for want of them. What a server refuses to add is not asked for
   * again for a while.
   *
   * @throws as {@link current}
   */
  async stepUp(
    state: SessionState,
    settings: SessionSettings,
    request: MachineLoginRequest & { readonly scope: string },
  ): Promise<Grant> {
    try {
      return await this.current(state, settings, request);
    } catch (error) {
      if (error instanceof TokenRequestError) await state.stepUps.declined(request.scope);
      throw error;
    }
  }

  /** Asks at the next call, whatever was refused a moment ago: somebody has set the session right. */
  forgetFailures(state: SessionState): void {
    this.#options.failures.forget(state);
  }

  /** The keeper of a session takes a grant that ended for one that a person has to renew: it is not asked about those. */
  #isRenewable(held: Grant, rejected: TokenIdentity | undefined): boolean {
    if (held.tokens.refresh_token !== undefined) return true;
    const state = freshness(held.tokens, this.#options.clock.now(), 0);
    return supersedes(held, rejected) && (state === 'fresh' || state === 'early');
  }

  async #load(state: SessionState, signal: AbortSignal | undefined): Promise<Grant | undefined> {
    const stored = (await abortable(state.repository.get(), signal))?.credentials.grant;
    if (stored?.status !== 'active') return undefined;
    state.keeper.hold(stored);
    return stored;
  }

  async #obtain(state: SessionState, need: Need, signal: AbortSignal, closing: AbortSignal): Promise<Grant> {
    const { keeper } = state;
    try {
      for (let rounds = 0; rounds < MAX_ROUNDS; rounds++) {
        const round = { isOwn: false };
        const login = state.login.join(signal, async (shared) => {
          round.isOwn = true;
          await this.#run(state, need, AbortSignal.any([shared, closing]));
        });
        await login.catch((error: unknown) => {
          // One of somebody else's may have failed for its own reasons: other settings, other scopes.
          if (round.isOwn || signal.aborted || rounds === MAX_ROUNDS - 1) throw error;
        });
        const { held } = keeper;
        const isNew = held !== undefined && supersedes(held, need.known) && !keeper.hasExpired(held);
        // A server may grant less than was asked for: whether that will do is for the call to find out.
        if (isNew && (round.isOwn || coversScope(held.tokens.scope, need.scope))) return held;
      }
    } catch (error) {
      const { held } = keeper;
      const isUsable = held !== undefined && supersedes(held, need.rejected) && !keeper.hasExpired(held);
      // Whatever went wrong, the host's own source of assertions included, will be told when the token is over.
      if (!signal.aborted && isUsable && coversScope(held.tokens.scope, need.scope)) return held;
      throw error;
    }
    const error = new TransientError(
      `${state.key.resource}: its tokens have expired by the time they arrive.`,
    );
    this.#options.failures.remember(state, need.settings, need.scope, error);
    throw error;
  }

  async #run(state: SessionState, need: Need, signal: AbortSignal): Promise<void> {
    const { failures, clock, identity, timeoutMs } = this.#options;
    const { repository, key, keeper } = state;
    failures.assertNone(state, need.settings, need.scope);
    const turns = new LoginTurn({
      repository,
      clock,
      identity,
      resource: key.resource,
      profile: key.profile,
      timeoutMs: PREPARING_MS + timeoutMs,
    });
    try {
      const turn = await turns.take(
        (grant) =>
          grant.status === 'active' &&
          supersedes(grant, need.known) &&
          !keeper.hasExpired(grant) &&
          coversScope(grant.tokens.scope, need.scope),
        signal,
      );
      if (turn.kind === 'joined') takeOver(state, turn.grant);
      else await this.#logIn(state, need, turns, turn, signal);
      failures.forget(state);
    } catch (error) {
      failures.remember(state, need.settings, need.scope, error);
      throw error;
    }
  }

  async #logIn(
    state: SessionState,
    { settings, grant, scope }: Need,
    turns: LoginTurn,
    { mark, credentials }: OwnTurn,
    signal: AbortSignal,
  ): Promise<void> {
    const { tokens, flow } = this.#options;
    const deadline = new Deadline(PREPARING_MS);
    try {
      const got = await tokens.grant({
        state,
        settings,
        grant,
        epoch: credentials.epoch,
        before: credentials.grant,
        stepUpScope: scope,
        signal: AbortSignal.any([signal, deadline.signal]),
      });
      loginCompleted(state, await flow.commit(credentials, got, state));
    } catch (error) {
      const shown = shownAs(error, state.key.resource);
      await turns.end(mark, endingOf(shown), refusalOf(shown));
      if (shown instanceof OAuthClientError) {
        state.emit({ type: 'authorization_refused', code: (shown as AnyOAuthClientError).code });
      }
      throw shown;
    } finally {
      deadline.clear();
    }
  }
}

/**
 * What keeps a grant from being renewed and says nothing about a new one: it has ended, its server is in trouble and may
 * have been replaced, or its client is no longer the one that is configured.
 */
function isPassedBy(error: unknown): boolean {
  return (
    error instanceof AuthorizationRequiredError ||
    error instanceof TransientError ||
    error instanceof InvalidConfigError
  );
}

function shownAs(error: unknown, resource: string): unknown {
  if (error instanceof DeadlineExceeded) {
    return new TransientError(`${resource}: a token could not be had (${error.message}).`);
  }
  if (error instanceof CallbackRejectedError) {
    return new TransientError(`${resource}: the session was ended while its token was asked for. Try again.`);
  }
  return error;
}

/** Those who wait in other processes ask again themselves only where they may do better than this one. */
function endingOf(error: unknown): LoginEnding {
  if (error instanceof TokenRequestError) return 'refused';
  return error instanceof TransientError ? 'transient' : 'abandoned';
}

function refusalOf(error: unknown): TokenRefusal | undefined {
  if (!(error instanceof TokenRequestError)) return undefined;
  const { issuer, error: code, status } = error;
  return { issuer, problem: 'refused to give a token', error: code, status };
}
