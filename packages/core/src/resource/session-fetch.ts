import { coversScope } from '../authorization/scope.js';
import type { Grant, TokenIdentity } from '../credentials/credentials.js';
import { supersedes } from '../credentials/credentials.js';
import { challengeOf } from '../discovery/challenge.js';
import { speaksFor } from '../discovery/protected-resource.js';
import {
  AuthorizationRequiredError,
  OAuthClientError,
  StepUpExhaustedError,
  TransientError,
} from '../errors.js';
import type { AuthorizationRequiredReason } from '../errors.js';
import type { FetchLike } from '../http/bounded-request.js';
import { discardBody } from '../http/unread-body.js';
import type { SessionState } from '../session/session-state.js';
import { rpcOperation } from './rpc-operation.js';
import { isReplayable, sendWithToken } from './token-presentation.js';

/** How long a token that was refused right after its renewal is not renewed again. */
const REFUSED_MS = 60_000;
/** For what a login is wanted where the tokens of the last one are no good, and nobody has ended it. */
const REFUSALS: readonly AuthorizationRequiredReason[] = [
  'token_refused',
  'grant_rejected',
  'client_rejected',
];
/** How many new tokens one call may use up, where each has ended before it arrived. */
const MAX_TRIES = 3;

/**
 * `resource` the address of the MCP server and what lies below it · `origin` everything at its origin, which the
 * messages of the old SSE transport need.
 */
export type Audience = 'resource' | 'origin';

/** The grant in use, and another one than `rejected`. */
export type CurrentGrant = (
  session: SessionState,
  rejected?: TokenIdentity,
  signal?: AbortSignal,
) => Promise<Grant>;

/** A grant with these scopes, where a session needs no person for that. */
export type WiderGrant = (session: SessionState, scope: string, signal?: AbortSignal) => Promise<Grant>;

interface ResourceCallParts {
  readonly fetch: FetchLike;
  readonly session: SessionState;
  readonly current: CurrentGrant;
  readonly widen: WiderGrant | undefined;
}

/**
 * A `fetch` that carries the session's token, for a transport.
 *
 * It renews the token ahead of its end, and once more where the server answers 401. It never waits for a person:
 * where one is needed, POST and DELETE reject with `AuthorizationRequiredError`, while GET hands back the response,
 * since event streams take an error for a broken connection and try again for ever. Redirects are handed back too.
 */
export function sessionFetch(
  fetch: FetchLike,
  state: () => Promise<SessionState>,
  audience: Audience,
  current: CurrentGrant,
  widen?: WiderGrant,
): FetchLike {
  return async (url, init = {}) => {
    const session = await state();
    const { resource } = session.key;
    const target = new URL(url);
    const covered =
      audience === 'origin' ? target.origin === new URL(resource).origin : speaksFor(resource, target.href);
    if (!covered) return fetch(url, init);
    const call = new ResourceCall({ fetch, session, current, widen }, target, init);
    try {
      return await call.send();
    } catch (error) {
      // An event stream would take it for a broken connection: a status ends it, and the next POST tells why.
      if (error instanceof OAuthClientError && call.isGet) return unavailable(error);
      throw error;
    }
  };
}

class ResourceCall {
  readonly isGet: boolean;
  readonly #fetch: FetchLike;
  readonly #session: SessionState;
  readonly #current: CurrentGrant;
  readonly #widen: WiderGrant | undefined;
  readonly #url: URL;
  readonly #init: RequestInit;
  /** Over the whole call, whatever a server answers in between. */
  #tries = 0;
  #steppedUp = false;
  #isSent = false;

  constructor({ fetch, session, current, widen }: ResourceCallParts, url: URL, init: RequestInit) {
    this.#fetch = fetch;
    this.#session = session;
    this.#current = current;
    this.#widen = widen;
    this.#url = url;
    this.#init = init;
    this.isGet = (init.method ?? 'GET').toUpperCase() === 'GET';
  }

  async send(): Promise<Response> {
    let missing: AuthorizationRequiredError | undefined;
    const grant = await this.#grant().catch((error: unknown) => {
      if (!(error instanceof AuthorizationRequiredError)) throw error;
      missing = error;
      return undefined;
    });
    const response = await this.#request(grant);
    if (response.status === 401) return await this.#unauthorized(response, grant, missing);
    if (response.status === 403) return await this.#forbidden(response, grant);
    return response;
  }

  async #unauthorized(
    response: Response,
    grant: Grant | undefined,
    missing: AuthorizationRequiredError | undefined,
  ): Promise<Response> {
    this.#session.challenge = await challengeOf(response);
    if (!grant) return await this.#loginWanted(response, missing?.reason ?? 'no_grant');
    // The person may have logged in meanwhile, in another process: they must not be asked again.
    if (this.#isRefused(grant) && !(await this.#newerGrant(grant)))
      return await this.#loginWanted(response, 'token_refused', grant);
    let [refused, answer] = [grant, response];
    while (this.#tries++ < MAX_TRIES) {
      const next = await this.#nextGrant(refused, answer);
      if (next instanceof Response) return next;
      answer = await this.#request(next);
      if (answer.status === 403) return await this.#forbidden(answer, next);
      if (answer.status !== 401) return answer;
      this.#session.challenge = await challengeOf(answer);
      if (!this.#session.keeper.hasExpired(next)) {
        this.#session.refused = { token: next, at: performance.now(), isRenewed: true };
        return await this.#loginWanted(answer, 'token_refused', next);
      }
      // It was good when it was sent, and ended on the way: that says nothing about the next one.
      refused = next;
    }
    await discardBody(answer);
    throw new TransientError(
      `${this.#session.key.resource}: its tokens have expired by the time they arrive.`,
    );
  }

  /** The grant after one that was refused, or the response that ends the call. */
  async #nextGrant(refused: Grant, response: Response): Promise<Grant | Response> {
    try {
      const next = await this.#grant(refused);
      await discardBody(response);
      return next;
    } catch (error) {
      if (error instanceof AuthorizationRequiredError) {
        // What can't be renewed would still pass for a login, and nobody would be asked.
        this.#session.refused = { token: refused, at: performance.now() };
        return await this.#loginWanted(response, error.reason, refused);
      }
      await discardBody(response);
      throw error;
    }
  }

  async #forbidden(response: Response, grant: Grant | undefined): Promise<Response> {
    const challenge = await challengeOf(response);
    if (challenge.error !== 'insufficient_scope') return response;
    // The person may have just consented, in another process: they must not be asked again.
    const next = grant && !this.#steppedUp ? await this.#newerGrant(grant) : undefined;
    if (next && coversScope(next.tokens.scope, challenge.scope)) {
      this.#steppedUp = true;
      await discardBody(response);
      return await this.#again(next);
    }
    const lacking = next ?? grant;
    const scope = lacking ? await this.#stepUpScope(response, challenge.scope, lacking) : challenge.scope;
    if (scope instanceof Response) return scope;
    this.#session.challenge = { ...challenge, scope };
    this.#session.emit({ type: 'step_up', scope: scope ?? '' });
    if (this.#widen && scope !== undefined && lacking && !this.#steppedUp) {
      this.#steppedUp = true;
      await discardBody(response);
      return await this.#again(await this.#widen(this.#session, scope, this.#init.signal ?? undefined));
    }
    return await this.#giveUp(response, 'insufficient_scope', scope);
  }

  /** The same call with another token, which it may turn out to lack something too. */
  async #again(grant: Grant): Promise<Response> {
    const answer = await this.#request(grant);
    if (answer.status === 401) return await this.#unauthorized(answer, grant, undefined);
    return answer.status === 403 ? await this.#forbidden(answer, grant) : answer;
  }

  /** What to ask a person for, or the response that ends the call. */
  async #stepUpScope(
    response: Response,
    scope: string | undefined,
    grant: Grant,
  ): Promise<string | Response> {
    try {
      const operation = await rpcOperation(this.#init);
      return await this.#session.stepUps.request({ operation, scope }, grant, this.#init.signal ?? undefined);
    } catch (error) {
      if (error instanceof StepUpExhaustedError) {
        this.#session.emit({ type: 'authorization_refused', code: error.code });
        if (this.isGet) return response;
      }
      await discardBody(response);
      throw error;
    }
  }

  /** Ends a call for want of a login, unless the last ones have changed nothing. */
  async #loginWanted(
    response: Response,
    reason: AuthorizationRequiredReason,
    refused?: Grant,
  ): Promise<Response> {
    const { loginCooldown, keeper } = this.#session;
    if (refused && REFUSALS.includes(reason) && !keeper.hasExpired(refused)) {
      // A stream is refused by servers that have none for this client, too.
      loginCooldown.refused(refused, this.isGet ? undefined : await rpcOperation(this.#init));
    }
    if (!this.isGet && !this.#widen) {
      await discardBody(response);
      loginCooldown.assertOver();
    }
    return await this.#giveUp(response, reason);
  }

  async #giveUp(response: Response, reason: AuthorizationRequiredReason, scope?: string): Promise<Response> {
    if (this.isGet) return response;
    await discardBody(response);
    throw new AuthorizationRequiredError(
      this.#session.key.resource,
      reason,
      scope ?? this.#session.challenge?.scope,
    );
  }

  async #grant(rejected?: TokenIdentity): Promise<Grant> {
    return this.#current(this.#session, rejected, this.#init.signal ?? undefined);
  }

  #newerGrant(known: Grant): Promise<Grant | undefined> {
    return this.#session.keeper.superseding(known, this.#init.signal ?? undefined);
  }

  async #request(grant: Grant | undefined): Promise<Response> {
    if (this.#isSent && !isReplayable(this.#init.body)) {
      throw new TransientError(
        `${this.#session.key.resource}: there is another token now. Send the call again: its body was a stream.`,
      );
    }
    this.#isSent = true;
    const redirect = this.#init.redirect === 'error' ? 'error' : 'manual';
    const { dpop, key, loginCooldown } = this.#session;
    const init = { ...this.#init, redirect } as const;
    const response = await sendWithToken(this.#fetch, this.#url, init, { grant, dpop, ...key });
    const isTaken = grant !== undefined && (response.ok || response.status === 403);
    if (isTaken)
      loginCooldown.worked(grant, loginCooldown.isWatching ? await rpcOperation(this.#init) : undefined);
    return response;
  }

  /** Per token, so that neither a server that refuses everything nor one bad moment decides about other tokens. */
  #isRefused(grant: Grant): boolean {
    const { refused } = this.#session;
    return (
      refused !== undefined &&
      !supersedes(grant, refused.token) &&
      performance.now() - refused.at < REFUSED_MS
    );
  }
}

function unavailable(error: OAuthClientError): Response {
  return new Response(null, { status: 503, statusText: error.name });
}
