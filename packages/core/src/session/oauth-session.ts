import type { InteractiveLogin } from '../authorization/interactive-login.js';
import type { PendingAuthorizations } from '../authorization/pending-authorization.js';
import { coversScope, selectScope } from '../authorization/scope.js';
import type { AuthorizationFlow } from '../authorization/authorization-flow.js';
import { supersedes } from '../credentials/credentials.js';
import { discover } from '../discovery/discovery.js';
import { AuthorizationRequiredError, TransientError } from '../errors.js';
import type { FetchLike } from '../http/bounded-request.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import { safeUrl } from '../http/safe-url.js';
import type { ClientRegistrar } from '../registration/client-registration.js';
import type { RegistrationRepository } from '../registration/registration-repository.js';
import { probe } from '../resource/probe.js';
import { sessionFetch } from '../resource/session-fetch.js';
import type { Audience } from '../resource/session-fetch.js';
import { revokeGrant } from '../revocation/revocation.js';
import type { RevocationReport } from '../revocation/revocation.js';
import { randomToken } from '../session-key/digest.js';
import type { SessionKey } from '../session-key/session-key.js';
import { abortable } from '../time/sleep.js';
import { invalidate } from '../token/invalidation.js';
import type { InvalidationKind } from '../token/invalidation.js';
import type { SessionSettings } from './session-settings.js';
import type { SessionState } from './session-state.js';
import { sessionStatus } from './session-status.js';
import type { SessionStatus } from './session-status.js';

const MAX_REVOCATIONS = 5;

export interface SessionParts {
  readonly key: SessionKey;
  readonly settings: SessionSettings;
  readonly state: () => Promise<SessionState>;
  readonly fetch: FetchLike;
  readonly http: OAuthHttp;
  readonly flow: AuthorizationFlow;
  readonly registrar: ClientRegistrar;
  readonly registrations: RegistrationRepository;
  readonly pendings: PendingAuthorizations;
  readonly login: InteractiveLogin;
  /** Aborts when the client is closed. */
  readonly closing: AbortSignal;
}

export interface SignalOptions {
  readonly signal?: AbortSignal;
}

export interface AuthorizeOptions extends SignalOptions {
  /** Scopes that the login must have, space-separated. By default what the MCP server asked for last, if it did. */
  readonly scope?: string;
}

export interface BeginAuthorizationOptions extends SignalOptions {
  /** Where the authorization server sends the person's browser back to: https, or http on loopback. */
  readonly redirectUri: string;
  readonly scope?: string;
}

export interface BegunWebAuthorization {
  /** Send the person's browser here. */
  readonly authorizationUrl: URL;
  /** Keep it in an HttpOnly cookie of that browser and give it to `completeAuthorization`. */
  readonly binding: string;
}

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
    return sessionFetch(this.#parts.fetch, this.#parts.state, audience);
  }

  /**
   * A token that is good now, renewed at most once across all processes.
   *
   * @throws {AuthorizationRequiredError} a person has to log in; nothing is opened.
   * @throws {TransientError | StoreError} the grant is kept.
   */
  async accessToken({ signal }: SignalOptions = {}): Promise<string> {
    const state = await this.#parts.state();
    return (await state.keeper.current(undefined, signal)).tokens.access_token;
  }

  /** Whether the MCP server wants a login before it answers; asks it without a token. */
  async requiresLogin({ signal }: SignalOptions = {}): Promise<boolean> {
    const state = await this.#parts.state();
    const challenge = await probe(this.#parts.fetch, this.key.resource, signal);
    state.challenge = challenge ?? state.challenge;
    return challenge !== undefined;
  }

  /** Whether {@link authorize} has a way to ask a person. */
  get canAskPerson(): boolean {
    return this.#parts.login.isPossible;
  }

  /**
   * Sees to it that the person at this machine is logged in: at once where a login is there and good, else through
   * browser or terminal. One login at a time, across processes; whoever comes second waits for the first.
   *
   * @throws {AuthorizationDeniedError | AuthorizationTimeoutError | CallbackRejectedError | BrowserError}
   * @throws {DiscoveryError | IssuerMismatchError | ResourceMismatchError | PkceUnsupportedError | UnsafeUrlError}
   * @throws {RegistrationError | TokenRequestError | TransientError | StoreError | InvalidConfigError}
   */
  async authorize({ scope, signal }: AuthorizeOptions = {}): Promise<void> {
    const { login, settings, closing } = this.#parts;
    const either = signal ? AbortSignal.any([signal, closing]) : closing;
    either.throwIfAborted();
    const state = await this.#parts.state();
    const wanted =
      scope ?? (state.challenge?.error === 'insufficient_scope' ? state.challenge.scope : undefined);
    // A login of another call may have been for other scopes; then one of our own follows it.
    for (let round = 0; round < 2 && !(await this.#isLoggedIn(state, wanted, either)); round++) {
      await state.login.join(either, async (shared) => {
        const ending = AbortSignal.any([shared, closing]);
        if (state.challenge === undefined) {
          state.challenge = await probe(this.#parts.fetch, this.key.resource, ending);
        }
        await login.run(
          state,
          {
            clientId: settings.clientId,
            clientSecret: settings.clientSecret,
            configuredScopes: settings.scopes,
            callbackPort: settings.callbackPort,
            stepUpScope: wanted,
          },
          ending,
        );
        state.refused = undefined;
        state.challenge = undefined;
      });
      if (round === 0 && wanted === undefined) return;
    }
  }

  /** Begins a login whose callback comes to the host's own web address, at this process or at any other. */
  async beginAuthorization(options: BeginAuthorizationOptions): Promise<BegunWebAuthorization> {
    const { http, registrar, flow, settings } = this.#parts;
    const { signal } = options;
    const redirectUri = safeUrl(options.redirectUri, 'redirectUri').href;
    const state = await this.#parts.state();
    const { resource, profile } = this.key;
    state.challenge ??= await probe(this.#parts.fetch, resource, signal);
    const discovered = await discover(http, resource, state.challenge ?? {}, signal);
    const stored = await state.repository.get();
    const before = stored?.credentials.grant;
    const way = registrar.way(discovered.server, settings, before);
    const client =
      way.kind === 'dynamic'
        ? (await registrar.register(discovered.server, way.registration_endpoint, [redirectUri])).client
        : way.client;
    const { issuer } = discovered.server;
    // Written anew, so that the record without a grant outlives the flow that begins now.
    const kept = await state.repository.change((current) =>
      current?.grant ? undefined : { resource, profile, epoch: randomToken(16), ...current, issuer },
    );
    if (!kept) throw new TransientError(`The login for ${resource} could not be begun. Try again.`);
    const stepUp =
      options.scope ?? (state.challenge?.error === 'insufficient_scope' ? state.challenge.scope : undefined);
    const scope = selectScope(
      {
        configured: settings.scopes,
        challenged: stepUp ?? state.challenge?.scope,
        granted: stepUp === undefined ? undefined : before?.tokens.scope,
      },
      discovered,
    );
    const epoch = kept.credentials.epoch;
    const { partition } = state;
    const begun = await flow.begin({
      partition,
      resource,
      profile,
      epoch,
      discovered,
      client,
      redirectUri,
      scope,
      bound: true,
    });
    state.emit({ type: 'authorization_begun', issuer });
    return { authorizationUrl: begun.authorizationUrl, binding: begun.binding ?? '' };
  }

  /** What is known about the login. Reads only, and holds no secret. */
  async status(): Promise<SessionStatus> {
    const state = await this.#parts.state();
    const stored = await state.repository.get();
    return sessionStatus(this.key.resource, this.key.profile, stored?.credentials);
  }

  /** Forgets locally. No server hears of it. */
  async invalidate(kind: InvalidationKind): Promise<void> {
    const { pendings, registrations, state } = this.#parts;
    await invalidate(await state(), kind, pendings, registrations);
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

  async #revoke(state: SessionState): Promise<RevocationReport> {
    let report: RevocationReport = { refresh_token: 'absent', access_token: 'absent' };
    let stored = await state.repository.get();
    // A refresh may put a newer token set there between our request and our delete: then that one is revoked too.
    for (let round = 0; stored && round < MAX_REVOCATIONS; round++) {
      const { grant } = stored.credentials;
      if (grant) report = await revokeGrant(this.#parts.http, grant);
      const result = await state.repository.put(stored, null);
      stored = result.ok ? null : result.stored;
    }
    await this.invalidate('tokens');
    await this.invalidate('verifier');
    state.emit({ type: 'revoked' });
    return report;
  }

  async #isLoggedIn(state: SessionState, wanted: string | undefined, signal: AbortSignal): Promise<boolean> {
    try {
      const grant = await state.keeper.current(undefined, signal);
      const refused = state.refused !== undefined && !supersedes(grant, state.refused.token);
      return !refused && coversScope(grant.tokens.scope, wanted);
    } catch (error) {
      if (error instanceof AuthorizationRequiredError) return false;
      throw error;
    }
  }
}
