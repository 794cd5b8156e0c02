import { pinned } from '../authorization/authorization-flow.js';
import { newGrant } from '../authorization/login-commit.js';
import type { LoginTarget } from '../authorization/login-commit.js';
import { selectScope } from '../authorization/scope.js';
import type { Grant, TokenSet } from '../credentials/credentials.js';
import type { Challenge } from '../discovery/challenge.js';
import type { Discovered } from '../discovery/discovery.js';
import { InvalidConfigError, TokenRequestError } from '../errors.js';
import type { FetchLike } from '../http/bounded-request.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import type { TokenEndpoint } from '../protocol/token-endpoint.js';
import type { ClientRegistrar } from '../registration/client-registration.js';
import { chooseServer } from '../registration/server-choice.js';
import { probe } from '../resource/probe.js';
import type { SessionSettings } from '../session/session-settings.js';
import { forgetChallenge } from '../session/session-state.js';
import type { SessionState } from '../session/session-state.js';
import { assertionOf, assertMeantFor } from './assertion.js';
import type { IdentityAssertions } from './identity-assertions.js';
import type { MachineGrant } from './machine-grant.js';
import { requested } from './token-refusal.js';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

export interface MachineTokensOptions {
  readonly fetch: FetchLike;
  readonly http: OAuthHttp;
  readonly registrar: ClientRegistrar;
  readonly endpoint: TokenEndpoint;
  readonly assertions: IdentityAssertions;
  readonly timeoutMs: number;
}

export interface MachineTokensRequest {
  readonly state: SessionState;
  readonly settings: SessionSettings;
  readonly grant: MachineGrant;
  /** New with every record: what was had for whoever ended the last one is not used for the next. */
  readonly epoch: string;
  /** The grant that stands in the record now. */
  readonly before: Grant | undefined;
  /** Scopes that a step-up has to add. */
  readonly stepUpScope: string | undefined;
  /** Ends what goes before the token request. That itself is heard to its end. */
  readonly signal: AbortSignal;
}

/** Gets a grant without a person: discovery, an assertion where the grant takes one, one token request. */
export class MachineTokens {
  readonly #options: MachineTokensOptions;

  constructor(options: MachineTokensOptions) {
    this.#options = options;
  }

  /**
   * @throws {TokenRequestError | TransientError | InvalidConfigError} besides everything that discovery throws, and what
   *   the host's own source of assertions throws.
   */
  async grant(request: MachineTokensRequest): Promise<Grant> {
    const { state, settings, before, stepUpScope, signal } = request;
    const { resource } = state.key;
    const challenge = await this.#challenge(state, stepUpScope, signal);
    const standing = before?.server.issuer;
    const { discovered, way } = await chooseServer(this.#options, {
      resource,
      challenge,
      settings,
      dpop: state.dpop,
      standing,
      signal,
    }).catch((error: unknown) => {
      forgetChallenge(state);
      throw error;
    });
    if (way.kind === 'dynamic') {
      throw new InvalidConfigError(
        `${discovered.server.issuer} takes no client metadata documents. Register this client there by hand and ` +
          'configure its clientId.',
      );
    }
    const dpop = await state.dpop.binding({ resource, challenge, discovered, canProve: true });
    const target: LoginTarget = {
      server: pinned(discovered),
      client: way.client,
      resourceIndicator: discovered.resourceIndicator,
      dpop,
      scope: selectScope(
        {
          configured: settings.scopes,
          challenged: challenge?.scope,
          stepUp: stepUpScope,
          granted: stepUpScope === undefined ? undefined : before?.tokens.scope,
        },
        withoutOfflineAccess(discovered),
      ),
    };
    const { client, server } = target;
    await this.#options.endpoint.assertAuthentication({ client, server, keys: state.keys });
    return newGrant(target, await this.#tokens(request, target));
  }

  /** What a call lacked is no guide to what the session needs from the start. */
  async #challenge(
    state: SessionState,
    stepUpScope: string | undefined,
    signal: AbortSignal,
  ): Promise<Challenge | undefined> {
    const { fetch } = this.#options;
    if (stepUpScope === undefined && state.challenge?.error === 'insufficient_scope') {
      return await probe(fetch, state.key.resource, signal);
    }
    state.challenge ??= await probe(fetch, state.key.resource, signal);
    return state.challenge;
  }

  async #tokens(request: MachineTokensRequest, target: LoginTarget): Promise<TokenSet> {
    const { grant, state, settings, epoch, signal } = request;
    const { server, scope } = target;
    const resource = target.resourceIndicator ?? state.key.resource;
    const about = { audience: server.issuer, resource, scope, signal };
    switch (grant.type) {
      case 'client_credentials':
        signal.throwIfAborted();
        return await this.#ask(state, target, 'client_credentials', 'the client');
      case 'jwt_bearer': {
        const assertion = await assertionOf(grant.assertion, about, 'grant.assertion');
        // Configured, it is the only server that is ever asked, and knows what it takes.
        if (settings.issuer === undefined) assertMeantFor(assertion, server, 'grant.assertion');
        return await this.#present(state, target, assertion, signal);
      }
      case 'enterprise_managed':
        return await this.#vouchedFor(state, target, { ...about, epoch, grant });
    }
  }

  async #vouchedFor(
    state: SessionState,
    target: LoginTarget,
    about: Parameters<IdentityAssertions['get']>[1],
  ): Promise<TokenSet> {
    const { assertions } = this.#options;
    const { assertion, isKept } = await assertions.get(state, about);
    try {
      return await this.#present(state, target, assertion, about.signal);
    } catch (error) {
      if (!(error instanceof TokenRequestError)) throw error;
      assertions.forget(state);
      // Some servers take an assertion only once: a new one is another request, not the same again.
      if (!isKept || error.error !== 'invalid_grant') throw error;
    }
    const { assertion: next } = await assertions.get(state, about);
    return await this.#present(state, target, next, about.signal);
  }

  async #present(
    state: SessionState,
    target: LoginTarget,
    assertion: string,
    signal: AbortSignal,
  ): Promise<TokenSet> {
    signal.throwIfAborted();
    return await this.#ask(state, target, JWT_BEARER, 'the assertion', { assertion });
  }

  async #ask(
    { keys }: SessionState,
    { server, client, resourceIndicator, scope, dpop }: LoginTarget,
    grantType: string,
    what: string,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<TokenSet> {
    const { endpoint, timeoutMs } = this.#options;
    const asked = scope === undefined ? parameters : { ...parameters, scope };
    return await requested(
      server.issuer,
      what,
      endpoint.request({
        server,
        client,
        keys,
        resourceIndicator,
        dpop,
        timeoutMs,
        grantType,
        parameters: asked,
      }),
    );
  }
}

/** It stands for a person who is away. Whoever needs no person gets a new token instead of refreshing an old one. */
function withoutOfflineAccess(discovered: Discovered): Discovered {
  return { ...discovered, server: { ...discovered.server, scopes_supported: undefined } };
}
