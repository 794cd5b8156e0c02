import type { OAuthHttp } from '../http/oauth-http.js';
import type { AuthenticatedRequest } from '../protocol/client-authentication.js';
import type { TokenEndpoint } from '../protocol/token-endpoint.js';
import { preRegisteredClient } from '../registration/pre-registered-client.js';
import type { SessionState } from '../session/session-state.js';
import type { Clock } from '../time/clock.js';
import { assertionOf, expiryOf, isAssertion } from './assertion.js';
import { discoverIdentityProvider } from './identity-provider.js';
import type { MachineGrant } from './machine-grant.js';
import { requested, tokenRefused } from './token-refusal.js';

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag';
const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token';

/** One that is about to end may have ended when it arrives. */
const SKEW_MS = 10_000;
/** However long a provider lets one live: a person who has left the company must not be vouched for the day after. */
const MAX_KEPT_MS = 15 * 60_000;

type EnterpriseManaged = Extract<MachineGrant, { readonly type: 'enterprise_managed' }>;

export interface IdentityAssertionRequest {
  readonly grant: EnterpriseManaged;
  /** Of the session's record: with a new one, somebody else may be logged in to the host. */
  readonly epoch: string;
  /** The authorization server of the MCP server, which it is for. */
  readonly audience: string;
  readonly resource: string;
  readonly scope: string | undefined;
  readonly signal: AbortSignal;
}

/** Whose assertion it is. */
export type AssertionSession = Pick<SessionState, 'keys'>;

export interface IdentityAssertion {
  readonly assertion: string;
  /** Whether it was used before. */
  readonly isKept: boolean;
}

interface Kept {
  readonly about: string;
  readonly assertion: string;
  /** Unix time in milliseconds. */
  readonly until: number;
}

/**
 * Identity assertions (ID-JAG) that a company's identity provider gives for a person's ID token, by token exchange
 * (RFC 8693). Kept in memory alone, for one session each, until they are about to end.
 */
export class IdentityAssertions {
  readonly #http: OAuthHttp;
  readonly #endpoint: TokenEndpoint;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #kept = new WeakMap<object, Kept>();

  constructor(http: OAuthHttp, endpoint: TokenEndpoint, clock: Clock, timeoutMs: number) {
    this.#http = http;
    this.#endpoint = endpoint;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * @param session What the assertion is kept with.
   * @throws {TokenRequestError | TransientError | InvalidConfigError} besides everything that discovery throws.
   */
  async get(session: AssertionSession, request: IdentityAssertionRequest): Promise<IdentityAssertion> {
    const { grant, epoch, audience, resource, scope } = request;
    const { issuer, clientId } = grant.identityProvider;
    const about = JSON.stringify([epoch, issuer, clientId, audience, resource, scope ?? '']);
    const kept = this.#kept.get(session);
    if (kept?.about === about && kept.until > this.#clock.now()) {
      return { assertion: kept.assertion, isKept: true };
    }
    const { assertion, until } = await this.#exchange(session, request);
    this.#kept.set(session, { about, assertion, until });
    return { assertion, isKept: false };
  }

  forget(session: object): void {
    this.#kept.delete(session);
  }

  async #exchange(
    session: AssertionSession,
    request: IdentityAssertionRequest,
  ): Promise<{ assertion: string; until: number }> {
    const { grant, audience, resource, scope, signal } = request;
    const provider = grant.identityProvider;
    const server = await discoverIdentityProvider(this.#http, resource, provider, signal);
    const client = preRegisteredClient(provider.clientId, provider);
    const authenticated = { client, server, keys: session.keys };
    await this.#endpoint.assertAuthentication(authenticated);
    const idToken = await assertionOf(
      grant.idToken,
      { audience: provider.issuer, resource, scope, signal },
      'grant.idToken',
    );
    signal.throwIfAborted();
    const askedAt = this.#clock.now();
    const { token, expires_in } = await requested(
      server.issuer,
      'to vouch for the person',
      this.#ask(authenticated, {
        requested_token_type: ID_JAG,
        subject_token: idToken,
        subject_token_type: ID_TOKEN,
        audience,
        resource,
        ...(scope === undefined ? {} : { scope }),
      }),
    );
    if (!isAssertion(token)) {
      throw tokenRefused({ issuer: server.issuer, problem: 'gave no usable identity assertion' });
    }
    const ends = expires_in === undefined ? (expiryOf(token) ?? 0) : askedAt + expires_in * 1_000;
    return { assertion: token, until: Math.min(ends - SKEW_MS, askedAt + MAX_KEPT_MS) };
  }

  async #ask(authenticated: AuthenticatedRequest, parameters: Record<string, string>) {
    return await this.#endpoint.exchangeToken({
      ...authenticated,
      grantType: TOKEN_EXCHANGE,
      parameters,
      // It is among the parameters: what is asked for is an assertion for a resource of somebody else.
      resourceIndicator: undefined,
      timeoutMs: this.#timeoutMs,
    });
  }
}
