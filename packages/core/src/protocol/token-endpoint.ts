import {
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  customFetch,
  processAuthorizationCodeResponse,
  processRefreshTokenResponse,
  refreshTokenGrantRequest,
} from 'oauth4webapi';
import type { AuthorizationServer, TokenEndpointRequestOptions, TokenEndpointResponse } from 'oauth4webapi';
import type { ClientInformation, PinnedServer, TokenSet } from '../credentials/credentials.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import type { Clock } from '../time/clock.js';
import type { AuthorizationCode } from './authorization-response.js';
import { clientAuthentication } from './client-authentication.js';
import { judged, ProtocolFailure } from './protocol-failure.js';
import { relaxed } from './relax.js';

const MAX_TOKEN_LENGTH = 16 * 1_024;

export interface TokenRequest {
  readonly server: PinnedServer;
  readonly client: ClientInformation;
  /** RFC 8707, sent exactly as it was advertised. */
  readonly resourceIndicator: string | undefined;
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

/** Asks the token endpoint (RFC 6749 section 3.2), with nobody's abort signal: what was sent must be heard. */
export class TokenEndpoint {
  readonly #http: OAuthHttp;
  readonly #clock: Clock;

  constructor(http: OAuthHttp, clock: Clock) {
    this.#http = http;
    this.#clock = clock;
  }

  /**
   * RFC 6749 section 4.1.3, with PKCE (RFC 7636 section 4.5).
   *
   * @throws {ProtocolFailure | TransientError}
   */
  async exchange(exchange: CodeExchange): Promise<TokenSet> {
    const { server, client } = exchange;
    const issuedAt = this.#clock.now();
    const response = await judged(async () =>
      processAuthorizationCodeResponse(
        engineView(server),
        { client_id: client.client_id },
        await authorizationCodeGrantRequest(
          engineView(server),
          { client_id: client.client_id },
          clientAuthentication(client, server),
          exchange.code.parameters,
          exchange.redirectUri,
          exchange.codeVerifier,
          this.#options(exchange),
        ),
      ),
    );
    return tokenSet(response, issuedAt);
  }

  /**
   * RFC 6749 section 6.
   *
   * @throws {ProtocolFailure | TransientError}
   */
  async refresh(refresh: Refresh): Promise<TokenSet> {
    const { server, client } = refresh;
    const issuedAt = this.#clock.now();
    const response = await judged(async () =>
      processRefreshTokenResponse(
        engineView(server),
        { client_id: client.client_id },
        await refreshTokenGrantRequest(
          engineView(server),
          { client_id: client.client_id },
          clientAuthentication(client, server),
          refresh.refreshToken,
          this.#options(refresh),
        ),
      ),
    );
    return tokenSet(response, issuedAt);
  }

  #options({ server, resourceIndicator, timeoutMs }: TokenRequest): TokenEndpointRequestOptions {
    return {
      [customFetch]: async (url, init) =>
        relaxed('token', await this.#http.send(url, init, { field: 'token_endpoint', timeoutMs })),
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

function tokenSet(response: TokenEndpointResponse, issuedAt: number): TokenSet {
  if (response.token_type !== 'bearer') throw new ProtocolFailure('malformed');
  for (const token of [response.access_token, response.refresh_token]) {
    // It becomes a header: anything but visible ASCII could break out of it.
    if (token !== undefined && !(token.length <= MAX_TOKEN_LENGTH && /^[\x21-\x7e]+$/.test(token))) {
      throw new ProtocolFailure('malformed');
    }
  }
  return {
    access_token: response.access_token,
    token_type: 'Bearer',
    refresh_token: response.refresh_token,
    scope: response.scope,
    issued_at: issuedAt,
    expires_at: response.expires_in === undefined ? undefined : issuedAt + response.expires_in * 1_000,
  };
}
