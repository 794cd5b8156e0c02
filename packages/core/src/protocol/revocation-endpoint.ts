import { allowInsecureRequests, customFetch, revocationRequest } from 'oauth4webapi';
import type { PinnedServer } from '../credentials/credentials.js';
import { jsonObject } from '../http/json-object.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import { clientAuthentication } from './client-authentication.js';
import type { AuthenticatedRequest } from './client-authentication.js';

/**
 * `unsupported` the server doesn't revoke this kind of token, as many don't for access tokens that are JWTs ·
 * `failed` it could not be asked, or would not hear this client.
 */
export type RevocationOutcome = 'revoked' | 'unsupported' | 'failed';

export interface Revocation extends AuthenticatedRequest {
  readonly server: PinnedServer & { readonly revocation_endpoint: string };
  readonly token: string;
  readonly hint: 'refresh_token' | 'access_token';
  readonly timeoutMs: number;
}

/** Asks the revocation endpoint (RFC 7009 section 2). */
export class RevocationEndpoint {
  readonly #http: OAuthHttp;

  constructor(http: OAuthHttp) {
    this.#http = http;
  }

  /**
   * Revokes one token. A token that the server doesn't know counts as revoked (section 2.2).
   *
   * @throws {TransientError} the server could not be asked, or could not do it now.
   * @throws {InvalidConfigError} this client can't prove itself here.
   */
  async revoke(revocation: Revocation): Promise<RevocationOutcome> {
    const { server, client, token, hint, timeoutMs } = revocation;
    const authentication = await clientAuthentication(
      revocation,
      server.revocation_endpoint_auth_methods_supported,
    );
    let refusal: unknown;
    const response = await revocationRequest(
      { issuer: server.issuer, revocation_endpoint: server.revocation_endpoint },
      { client_id: client.client_id },
      authentication,
      token,
      {
        additionalParameters: { token_type_hint: hint },
        [customFetch]: async (url, init) => {
          const { status, body } = await this.#http.send(url, init, {
            field: 'revocation_endpoint',
            timeoutMs,
          });
          refusal = jsonObject(body)?.error;
          return new Response(null, { status });
        },
        [allowInsecureRequests]: server.revocation_endpoint.startsWith('http:'),
      },
    );
    if (response.ok) return 'revoked';
    return response.status === 401 || isRefusalOfClient(refusal) ? 'failed' : 'unsupported';
  }
}

/** RFC 6749 section 5.2: it would do it for another client, or for one that proves itself. */
function isRefusalOfClient(error: unknown): boolean {
  return error === 'invalid_client' || error === 'unauthorized_client' || error === 'invalid_request';
}
