import { checkedRedirectUri } from '../authorization/redirect-uris.js';
import type { DelegatedAuthorization } from '../authorization/delegated-authorization.js';
import type { Grant, TokenIdentity } from '../credentials/credentials.js';
import type { DpopProver } from '../dpop/dpop-prover.js';
import { DpopUnsupportedError } from '../errors.js';
import type { HealthReport } from '../health/health-report.js';
import type { FetchLike } from '../http/bounded-request.js';
import { probe } from '../resource/probe.js';
import { sessionFetch } from '../resource/session-fetch.js';
import type { Audience, WiderGrant } from '../resource/session-fetch.js';
import { endGrant } from '../revocation/end-grant.js';
import { revokeGrant } from '../revocation/revocation.js';
import type { RevocationReport } from '../revocation/revocation.js';
import type { SessionKey } from '../session-key/session-key.js';
import { abortable } from '../time/sleep.js';
import { invalidate } from '../token/invalidation.js';
import type { InvalidationKind } from '../token/invalidation.js';
import { delegateLogin } from './delegated-login.js';
import { assertPersonal, authorizePerson, beginLogin, stepUp } from './session-login.js';
import { followingMoves, movedOr } from './moved-issuer.js';
import { stepUpScope } from './session-step-up.js';
import type {
  AuthorizeDeviceOptions,
  AuthorizeOptions,
  BeginAuthorizationOptions,
  BegunWebAuthorization,
  CurrentToken,
  CurrentTokenOptions,
  DelegationOptions,
  SignalOptions,
} from './session-options.js';
import type { SessionParts } from './session-parts.js';
import type { SessionState } from './session-state.js';
import { sessionStatus } from './session-status.js';
import type { SessionStatus } from './session-status.js';

/** One person's login at one MCP server. */
export class OAuthSession {
  readonly key: SessionKey;
  /** Carries the session's token to its MCP server: give it to a transport. See {@link fetchFor}. */
  readonly fetch: FetchLike;
  readonly #parts: SessionParts;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.key = parts.key;
    this.fetch = this.fetchFor('resource');
  }

  /** A `fetch` like `session.fetch` that carries the token further, as the old SSE transport needs. */
  fetchFor(audience: Audience): FetchLike {
    const { fetch, state } = this.#parts;
    const { machineLogin, settings, closing } = this.#parts;
    const widen: WiderGrant = (session, scope, signal) =>
      machineLogin.stepUp(session, settings, { scope, signal, closing });
    const call = sessionFetch(
      fetch,
      state,
      audience,
      (...request) => this.#current(...request),
      settings.grant && widen,
    );
    return async (url, init) => {
      try {
        return await call(url, init);
      } catch (error) {
        throw await this.#movedOr(error, await state(), init?.signal ?? undefined);
      }
    };
  }

  /**
   * A bearer token that is good now, renewed at most once across all processes.
   *
   * @throws {AuthorizationRequiredError} a person has to log in; nothing is opened.
   * @throws {DpopUnsupportedError} the token is bound to a key, and of no use by itself: {@link fetch} sends it.
   * @throws {TransientError | StoreError} the grant is kept.
   */
  async accessToken({ signal }: SignalOptions = {}): Promise<string> {
    return (await this.currentToken(signal ? { signal } : {})).access_token;
  }

  /**
   * Whether the MCP server wants a login before it answers; asks it without a token.
   *
   * @throws {TransientError} it can't be asked, or has refused the tokens of the last logins: no program should ask for another.
   */
  async requiresLogin({ signal }: SignalOptions = {}): Promise<boolean> {
    const state = await this.#parts.state();
    if (this.isPersonal) state.loginCooldown.assertOver();
    const challenge = await probe(this.#parts.fetch, this.key.resource, signal);
    state.challenge = challenge ?? state.challenge;
    return challenge !== undefined;
  }

  /** Whether tokens come of a person's login, and not of a grant that does without. */
  get isPersonal(): boolean {
    return this.#parts.settings.grant === undefined;
  }

  /** Whether {@link authorize} has a way to ask a person. */
  get canAskPerson(): boolean {
    return this.isPersonal && this.#parts.login.isPossible;
  }

  /**
   * Sees to it that the person at this machine is logged in: at once where a login is there and good, else through
   * browser or terminal. One login at a time, across processes; whoever comes second waits for the first. A session that
   * is set up to do without a person asks nobody.
   *
   * @throws {AuthorizationDeniedError | AuthorizationTimeoutError | CallbackRejectedError | BrowserError}
   * @throws {DiscoveryError | IssuerMismatchError | ResourceMismatchError | PkceUnsupportedError | UnsafeUrlError}
   * @throws {RegistrationError | TokenRequestError | DpopUnsupportedError | TransientError | StoreError}
   * @throws {InvalidConfigError}
   */
  async authorize({ scope, signal }: AuthorizeOptions = {}): Promise<void> {
    const { login, machineLogin, settings, closing } = this.#parts;
    const either = this.#untilClosed(signal);
    either.throwIfAborted();
    const state = await this.#parts.state();
    if (settings.grant) {
      await machineLogin.current(state, settings, { scope: scope ?? stepUp(state), signal, closing });
      return;
    }
    await authorizePerson(
      state,
      { ...(scope === undefined ? {} : { scope }), signal: either },
      (need, shared) => login.run(state, { ...settings, ...need }, AbortSignal.any([shared, closing])),
    );
  }

  /**
   * Sees to it that a person is logged in, like {@link authorize}, but on another device (RFC 8628): they read a code here
   * and type it there. Nothing is opened here and no port is bound. Resolves once the person has agreed there. Whoever
   * comes second, in any process, waits for the first, and its `onUserCode` is not called.
   *
   * @throws {AuthorizationDeniedError | AuthorizationTimeoutError} as the person ended it.
   * @throws {DiscoveryError} also where the server has no device authorization.
   * @throws {InvalidConfigError} nothing would show the code.
   * @throws as {@link authorize}
   */
  async authorizeDevice({ onUserCode, scope, signal }: AuthorizeDeviceOptions = {}): Promise<void> {
    const { deviceLogin, settings, closing } = this.#parts;
    const either = this.#untilClosed(signal);
    either.throwIfAborted();
    assertPersonal(settings, this.key.resource);
    deviceLogin.assertPossible(this.key.resource, onUserCode);
    const state = await this.#parts.state();
    await authorizePerson(
      state,
      { ...(scope === undefined ? {} : { scope }), signal: either },
      (need, shared) =>
        deviceLogin.run(
          state,
          { ...settings, ...need, show: onUserCode },
          AbortSignal.any([shared, closing]),
        ),
    );
  }

  /** Begins a login whose callback comes to the host's own web address, at this process or at any other. */
  async beginAuthorization(options: BeginAuthorizationOptions): Promise<BegunWebAuthorization> {
    const state = await this.#parts.state();
    const uri = checkedRedirectUri(options.redirectUri, 'redirectUri');
    const { begun } = await beginLogin(
      this.#parts,
      state,
      { uri },
      { ...options, bound: true, canProve: true },
    );
    const { authorizationUrl, expiresAt, binding = '' } = begun;
    return {
      authorizationUrl,
      binding,
      ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
    };
  }

  /**
   * Begins a login whose token request another library sends, as the MCP SDK's own `auth()` does.
   *
   * @param options With `redirectUri`: the host receives the callback. Without: the listener does.
   * @throws {TransientError} besides everything else that a login throws: as {@link requiresLogin}.
   */
  async delegateAuthorization(options: DelegationOptions = {}): Promise<DelegatedAuthorization> {
    return await delegateLogin(this.#parts, await this.#parts.state(), options);
  }

  /**
   * The token set in use, for libraries that attach it themselves. Name the one that was refused to get another.
   *
   * @throws {DpopUnsupportedError} it is bound to a key, and the caller doesn't say that it can send proofs.
   * @throws {AuthorizationRequiredError | TransientError | StoreError}
   */
  async currentToken({ rejected, signal, dpop = false }: CurrentTokenOptions = {}): Promise<CurrentToken> {
    const state = await this.#parts.state();
    const { grantId, generation, tokens, server } = await this.#current(state, rejected, signal);
    const { access_token, token_type, scope, expires_at } = tokens;
    if (token_type === 'DPoP' && !dpop) {
      throw new DpopUnsupportedError(this.key.resource, 'not_through_here');
    }
    return { grantId, generation, access_token, token_type, scope, expires_at, issuer: server.issuer };
  }

  /**
   * For libraries that attach the token themselves, and hear no more of a refusal than the scopes that it names: what a
   * login should ask for, or `undefined` where the MCP server does not take the token at all. `session.fetch` knows more,
   * and allows each kind of call a login of its own; here it is one in ten minutes.
   *
   * @throws {StepUpExhaustedError} nobody is to be asked.
   * @throws {AuthorizationRequiredError | TransientError | StoreError}
   */
  async stepUpScope({
    scope,
    signal,
  }: SignalOptions & { readonly scope: string }): Promise<string | undefined> {
    const state = await this.#parts.state();
    const grant = await this.#current(state, undefined, signal);
    return await stepUpScope(this.#parts.fetch, state, grant, scope, signal);
  }

  /**
   * What makes the proofs that a bound token is sent with; `undefined` where the token in use is a bearer token.
   *
   * @throws {AuthorizationRequiredError | TransientError | StoreError}
   */
  async dpop({ signal }: SignalOptions = {}): Promise<DpopProver | undefined> {
    const state = await this.#parts.state();
    const { tokens, dpop } = await this.#current(state, undefined, signal);
    if (tokens.token_type !== 'DPoP' || !dpop) return undefined;
    return await state.dpop.prover(dpop, this.key.resource);
  }

  /** What is known about the login. Reads only, and holds no secret. */
  async status(): Promise<SessionStatus> {
    const state = await this.#parts.state();
    const stored = await state.repository.get();
    return sessionStatus(this.key.resource, this.key.profile, stored?.credentials);
  }

  /**
   * Looks at the MCP server, its authorization server, the store and the stored login, and says what is wrong and what to
   * do about it. Reads only: it writes nothing, sends no token and opens nothing. Takes at most 45 s.
   *
   * @throws the signal's reason. What is wrong is never thrown.
   */
  async health({ signal }: SignalOptions = {}): Promise<HealthReport> {
    const { healthCheck, settings } = this.#parts;
    return await healthCheck.report(this.key, settings, this.#untilClosed(signal));
  }

  /** Forgets locally. No server hears of it. */
  async invalidate(kind: InvalidationKind): Promise<void> {
    const { pendings, registrations, bindings, machineLogin } = this.#parts;
    const state = await this.#parts.state();
    machineLogin.forgetFailures(state);
    await invalidate(state, kind, pendings, registrations, bindings);
  }

  /**
   * Ends the login: at the authorization server (RFC 7009), and here in any case. Resolves with what the server did.
   *
   * @throws {StoreError} the store can't forget it now.
   */
  async revoke({ signal }: SignalOptions = {}): Promise<RevocationReport> {
    const state = await this.#parts.state();
    return await abortable(this.#revoke(state), signal);
  }

  async #current(state: SessionState, rejected?: TokenIdentity, signal?: AbortSignal): Promise<Grant> {
    const { machineLogin, settings, closing, http } = this.#parts;
    const current = (): Promise<Grant> =>
      machineLogin.current(state, settings, { rejected, signal, closing });
    const grant = settings.grant ? await current() : await followingMoves(current, http, state, signal);
    state.loginCooldown.seen(grant);
    return grant;
  }

  /** A session without a person looks for its server anew by itself. */
  async #movedOr(error: unknown, state: SessionState, signal: AbortSignal | undefined): Promise<unknown> {
    const { http, settings } = this.#parts;
    return settings.grant ? error : await movedOr(error, http, state, signal);
  }

  #untilClosed(signal: AbortSignal | undefined): AbortSignal {
    const { closing } = this.#parts;
    return signal ? AbortSignal.any([signal, closing]) : closing;
  }

  async #revoke(state: SessionState): Promise<RevocationReport> {
    const report = await endGrant(state.repository, (grant) =>
      revokeGrant(this.#parts.revocation, grant, state.keys),
    );
    await this.invalidate('tokens');
    await this.invalidate('verifier');
    state.emit({ type: 'revoked', ...report });
    return report;
  }
}
