import type { AuthorizationServerMetadata } from '../discovery/authorization-server.js';
import type { AuthenticatedRequest } from '../protocol/client-authentication.js';
import type { PushedAuthorizationEndpoint } from '../protocol/pushed-authorization-endpoint.js';
import type { Clock } from '../time/clock.js';
import { authorizationParameters, authorizationUrl, pushedAuthorizationUrl } from './authorization-url.js';
import type { AuthorizationRequest } from './authorization-url.js';

/** What servers and what stands before them take in a request line; a hundred scopes may be more. */
const MAX_URL_LENGTH = 4_000;

export interface AuthorizationAddress {
  readonly url: URL;
  /** Unix time in milliseconds when the server forgets a request that was handed to it. */
  readonly expiresAt: number | undefined;
}

export interface AuthorizationAddressParts {
  readonly pushedAuthorization: PushedAuthorizationEndpoint;
  readonly clock: Clock;
}

/**
 * The address that the person's browser is sent to: with the whole request in it, or with a reference to it where the
 * server wants that, or the request is too long for an address.
 *
 * @throws {ProtocolFailure | TransientError | InvalidConfigError | UnsafeUrlError}
 */
export async function authorizationAddress(
  { pushedAuthorization, clock }: AuthorizationAddressParts,
  metadata: AuthorizationServerMetadata,
  request: AuthorizationRequest,
  authenticated: AuthenticatedRequest,
  signal: AbortSignal | undefined,
): Promise<AuthorizationAddress> {
  const url = authorizationUrl(request);
  const endpoint = metadata.pushed_authorization_request_endpoint;
  const isWanted = metadata.require_pushed_authorization_requests ?? false;
  if (endpoint === undefined || !(isWanted || url.href.length > MAX_URL_LENGTH)) {
    return { url, expiresAt: undefined };
  }
  const parameters = authorizationParameters(request);
  const sentAt = clock.now();
  const pushed = await pushedAuthorization.push({ ...authenticated, endpoint, parameters, signal });
  return {
    url: pushedAuthorizationUrl(request, pushed.requestUri),
    expiresAt: sentAt + pushed.expiresIn * 1_000,
  };
}
