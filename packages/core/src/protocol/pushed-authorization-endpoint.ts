import { processPushedAuthorizationResponse, pushedAuthorizationRequest } from 'oauth4webapi';
import type { OAuthHttp } from '../http/oauth-http.js';
import { clientAuthentication } from './client-authentication.js';
import type { AuthenticatedRequest } from './client-authentication.js';
import { engineOptions } from './engine-options.js';
import { judged, ProtocolFailure } from './protocol-failure.js';

const MAX_REQUEST_URI_LENGTH = 2_048;
/** No login takes longer, however long the server keeps the request. */
const MAX_LIFETIME_S = 10 * 60;

export interface PushedRequest extends AuthenticatedRequest {
  readonly endpoint: string;
  /** The authorization request, as it would stand in the query (RFC 6749 section 4.1.1). */
  readonly parameters: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
}

export interface PushedResponse {
  readonly requestUri: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** Hands an authorization request to the server itself, so that the browser carries a reference alone (RFC 9126). */
export class PushedAuthorizationEndpoint {
  readonly #http: OAuthHttp;

  constructor(http: OAuthHttp) {
    this.#http = http;
  }

  /**
   * RFC 9126 section 2.
   *
   * @throws {ProtocolFailure} the server refused the request, or this client.
   * @throws {TransientError | InvalidConfigError}
   */
  async push(request: PushedRequest): Promise<PushedResponse> {
    const { server, endpoint, client, parameters, signal } = request;
    const engineView = { issuer: server.issuer, pushed_authorization_request_endpoint: endpoint };
    const authentication = await clientAuthentication(request);
    const { request_uri, expires_in } = await judged(async () =>
      processPushedAuthorizationResponse(
        engineView,
        { client_id: client.client_id },
        await pushedAuthorizationRequest(
          engineView,
          { client_id: client.client_id },
          authentication,
          { ...parameters },
          engineOptions(this.#http, {
            kind: 'pushed_authorization',
            field: 'pushed_authorization_request_endpoint',
            url: endpoint,
            signal,
          }),
        ),
      ),
    );
    if (request_uri.length > MAX_REQUEST_URI_LENGTH || expires_in <= 0)
      throw new ProtocolFailure('malformed');
    return { requestUri: request_uri, expiresIn: Math.min(expires_in, MAX_LIFETIME_S) };
  }
}
