import { allowInsecureRequests, customFetch, revocationRequest } from 'oauth4webapi';
import type { ClientInformation, PinnedServer } from '../credentials/credentials.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import { clientAuthentication } from './client-authentication.js';

/** `unsupported`: the server doesn't revoke this kind of token, as many don't for access tokens that are JWTs. */
export type RevocationOutcome = 'revoked' | 'unsupported';

export interface Revocation {
  readonly server: PinnedServer & { readonly revocation_endpoint: string };
  readonly client: ClientInformation;
  readonly token: string;
  readonly hint: 'refresh_token' | 'access_token';
  readonly timeoutMs: number;
}

/**
 * Revokes one token (RFC 7009 section 2). A token that the server doesn't know counts as revoked (section 2.2).
 *
 * @throws {TransientError} the server could not be asked, or could not do it now.
 */
export async function revokeToken(http: OAuthHttp, revocation: Revocation): Promise<RevocationOutcome> {
  const { server, client, timeoutMs } = revocation;
  const response = await revocationRequest(
    { issuer: server.issuer, revocation_endpoint: server.revocation_endpoint },
    { client_id: client.client_id },
    clientAuthentication(client, server),
    revocation.token,
    {
      additionalParameters: { token_type_hint: revocation.hint },
      [customFetch]: async (url, init) => {
        const { status } = await http.send(url, init, { field: 'revocation_endpoint', timeoutMs });
        return new Response(null, { status });
      },
      [allowInsecureRequests]: server.revocation_endpoint.startsWith('http:'),
    },
  );
  return response.ok ? 'revoked' : 'unsupported';
}
