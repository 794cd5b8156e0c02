import {
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  customFetch,
  genericTokenEndpointRequest,
  processAuthorizationCodeResponse,
  processGenericTokenEndpointResponse,
  processRefreshTokenResponse,
  refreshTokenGrantRequest,
} from 'oauth4webapi';
import type {
  AuthorizationServer,
  RecognizedTokenTypes,
  TokenEndpointRequestOptions,
  TokenEndpointResponse,
} from 'oauth4webapi';
import type { DpopBinding, PinnedServer, TokenSet } from '../credentials/credentials.js';
import type { Dpop } from '../dpop/dpop.js';
import { ProofSequence } from '../dpop/proof-sequence.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import type { Clock } from '../time/clock.js';
import { tokenSet } from '../token/token-set.js';
import type { AuthorizationCode } from './authorization-response.js';
import { clientAuthentication } from './client-authentication.js';
import type { AuthenticatedRequest } from './client-authentication.js';
import { judged, ProtocolFailure } from './protocol-failure.js';
import { relaxed } from './relax.js';

export interface TokenRequest extends AuthenticatedRequest {
  /** RFC 8707, sent exactly as it was advertised. */
  readonly resourceIndicator: string | undefined;
  /** The key that the tokens are to be bound to. */
  readonly dpop?: DpopBinding | undefined;
  readonly timeoutMs: number;
}

export interface CodeExchange extends TokenRequest {
  readonly code: AuthorizationCode;
  readonly codeVerifier: string;
  readonly redirectUri: string;
}

export interface Refresh extends TokenRequest {
  readonly refreshToken: string;
}

/** Any other grant type (RFC 6749 section 4.5). */
export interface GrantRequest extends TokenRequest {
  readonly grantType: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** What a token exchange gave (RFC 8693 section 2.2.1). */
export interface ExchangedToken {
  readonly token: string;
  /** Seconds, where the server says. */
  readonly expires_in: number | undefined;
}

/** Asks the token endpoint (RFC 6749 section 3.2), with nobody's abort signal: what was sent must be heard. */
export class TokenEndpoint {
  readonly #http: OAuthHttp;
  readonly #clock: Clock;
  readonly #dpop: Dpop;

  constructor(http: OAuthHttp, clock: Clock, dpop: Dpop) {
    this.#http = http;
    this.#clock = clock;
    this.#dpop = dpop;
  }

  /**
   * Whether this client can prove itself at the server, and that it has the key of `dpop`, for whoever must know before
   * anything is begun.
   *
   * @throws {InvalidConfigError}
   * @throws {AuthorizationRequiredError} `key_missing`: it is a key of the host that this process was not given.
   */
  async assertAuthentication(request: AuthenticatedRequest, dpop?: DpopBinding): Promise<void> {
    await clientAuthentication(request);
    if (dpop) await this.#dpop.prover(dpop, request.server.issuer);
  }

  /**
   * Adds what proves this client to a token request that another library sends.
   *
   * @throws {InvalidConfigError}
   */
  async authenticate(request: AuthenticatedRequest, headers: Headers, body: URLSearchParams): Promise<void> {
    const { server, client } = request;
    const authentication = await clientAuthentication(request);
    await authentication(engineView(server), { client_id: client.client_id }, body, headers);
  }

  /**
   * RFC 6749 section 4.1.3, with PKCE (RFC 7636 section 4.5).
   *
   * @throws {ProtocolFailure | TransientError | InvalidConfigError}
   */
  async exchange(exchange: CodeExchange): Promise<TokenSet> {
    const { server, client } = exchange;
    const authentication = await clientAuthentication(exchange);
    const issuedAt = this.#clock.now();
    const response = await this.#ask(exchange, async (options) =>
      processAuthorizationCodeResponse(
        engineView(server),
        { client_id: client.client_id },
        await authorizationCodeGrantRequest(
          engineView(server),
          { client_id: client.client_id },
          authentication,
          exchange.code.parameters,
          exchange.redirectUri,
          exchange.codeVerifier,
          options,
        ),
      ),
    );
    return usable(tokenSet(response, issuedAt, exchange.dpop));
  }

  /**
   * RFC 6749 section 6.
   *
   * @throws {ProtocolFailure | TransientError | InvalidConfigError}
   */
  async refresh(refresh: Refresh): Promise<TokenSet> {
    const { server, client } = refresh;
    const authentication = await clientAuthentication(refresh);
    const issuedAt = this.#clock.now();
    const response = await this.#ask(refresh, async (options) =>
      processRefreshTokenResponse(
        engineView(server),
        { client_id: client.client_id },
        await refreshTokenGrantRequest(
          engineView(server),
          { client_id: client.client_id },
          authentication,
          refresh.refreshToken,
          options,
        ),
      ),
    );
    return usable(tokenSet(response, issuedAt, refresh.dpop));
  }

  /**
   * A grant of any other type: `client_credentials`, an assertion, a device code.
   *
   * @throws {ProtocolFailure | TransientError | InvalidConfigError}
   */
  async request(request: GrantRequest): Promise<TokenSet> {
    const issuedAt = this.#clock.now();
    return usable(tokenSet(await this.#request(request), issuedAt, request.dpop));
  }

  /**
   * A token of another kind for one that is at hand (RFC 8693 section 2). It need not be an access token: its
   * `token_type` is `N_A` then.
   *
   * @throws {ProtocolFailure | TransientError | InvalidConfigError}
   */
  async exchangeToken(request: GrantRequest): Promise<ExchangedToken> {
    const response = await this.#request(request, { n_a: () => undefined });
    if (response.issued_token_type !== request.parameters.requested_token_type) {
      throw new ProtocolFailure('malformed');
    }
    return { token: response.access_token, expires_in: response.expires_in };
  }

  async #request(
    request: GrantRequest,
    recognizedTokenTypes: RecognizedTokenTypes = {},
  ): Promise<TokenEndpointResponse> {
    const { server, client, grantType, resourceIndicator } = request;
    const authentication = await clientAuthentication(request);
    const parameters = {
      ...request.parameters,
      ...(resourceIndicator === undefined ? {} : { resource: resourceIndicator }),
    };
    return await this.#ask(request, async ({ additionalParameters: _, ...options }) =>
      processGenericTokenEndpointResponse(
        engineView(server),
        { client_id: client.client_id },
        await genericTokenEndpointRequest(
          engineView(server),
          { client_id: client.client_id },
          authentication,
          grantType,
          parameters,
          options,
        ),
        { recognizedTokenTypes },
      ),
    );
  }

  /**
   * Asks, and once more where the server wants its nonce in the proof (RFC 9449 section 8): it has spent nothing then.
   * The whole request is made anew, as an assertion of the client may have been taken. Both have the time of one: the
   * lease of a refresh is not longer.
   */
  async #ask<T>(
    request: TokenRequest,
    ask: (options: TokenEndpointRequestOptions) => Promise<T>,
  ): Promise<T> {
    const { dpop, server } = request;
    const proofs = dpop && new ProofSequence(await this.#dpop.prover(dpop, server.issuer));
    const endsAt = this.#clock.monotonic() + request.timeoutMs;
    try {
      return await judged(() => ask(this.#options(request, proofs)));
    } catch (error) {
      const timeoutMs = endsAt - this.#clock.monotonic();
      const isRetried = error instanceof ProtocolFailure && error.error === 'use_dpop_nonce';
      if (!isRetried || proofs?.nonce === undefined || timeoutMs <= 0) throw error;
      return await judged(() => ask(this.#options({ ...request, timeoutMs }, proofs)));
    }
  }

  #options(
    { server, resourceIndicator, timeoutMs }: TokenRequest,
    proofs: ProofSequence | undefined,
  ): TokenEndpointRequestOptions {
    return {
      [customFetch]: async (url, init) => {
        const proven = proofs ? { ...init.headers, dpop: await proofs.next('POST', url) } : init.headers;
        const request = { ...init, headers: proven };
        const response = await this.#http.send(url, request, { field: 'token_endpoint', timeoutMs });
        proofs?.observe(url, response);
        return relaxed('token', response);
      },
      // Every address has passed our own rule by then: https, or http on this machine.
      [allowInsecureRequests]: server.token_endpoint.startsWith('http:'),
      ...(resourceIndicator === undefined ? {} : { additionalParameters: { resource: resourceIndicator } }),
    };
  }
}

/** Only what it needs: further metadata would switch on checks that plain OAuth doesn't have. */
function engineView({ issuer, token_endpoint }: PinnedServer): AuthorizationServer {
  return { issuer, token_endpoint };
}

function usable(tokens: TokenSet | undefined): TokenSet {
  if (!tokens) throw new ProtocolFailure('malformed');
  return tokens;
}
