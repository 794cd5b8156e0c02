import { safeUrl } from '../http/safe-url.js';

export interface AuthorizationRequest {
  readonly authorizationEndpoint: string | undefined;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly codeChallenge: string;
  readonly scope: string | undefined;
  readonly resourceIndicator: string | undefined;
  /** The thumbprint of the key that the code, too, is to be bound to (RFC 9449 section 10). */
  readonly dpopJkt?: string | undefined;
}

/** What a server must not preset in the query of its own endpoint: they would change what we ask for or how it comes back. */
const NOT_THE_SERVERS = [
  'response_mode',
  'request',
  'request_uri',
  'nonce',
  'prompt',
  'scope',
  'resource',
  'dpop_jkt',
];

/** An authorization request (RFC 6749 section 4.1.1, RFC 7636 section 4.3, RFC 8707 section 2), by its wire names. */
export function authorizationParameters(request: AuthorizationRequest): Readonly<Record<string, string>> {
  const { scope, resourceIndicator, dpopJkt } = request;
  return {
    response_type: 'code',
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    state: request.state,
    code_challenge: request.codeChallenge,
    code_challenge_method: 'S256',
    ...(scope === undefined ? {} : { scope }),
    ...(resourceIndicator === undefined ? {} : { resource: resourceIndicator }),
    ...(dpopJkt === undefined ? {} : { dpop_jkt: dpopJkt }),
    // OpenID Connect Core section 11: servers ignore offline_access without it.
    ...(scope?.split(' ').includes('offline_access') ? { prompt: 'consent' } : {}),
  };
}

/**
 * The address that the person's browser is sent to. Each of our parameters stands there once, whatever the endpoint's
 * own query held.
 *
 * @throws {UnsafeUrlError}
 */
export function authorizationUrl(request: AuthorizationRequest): URL {
  return withParameters(request.authorizationEndpoint, authorizationParameters(request), []);
}

/**
 * The same for a request that the server has already (RFC 9126 section 4): it must stand by itself.
 *
 * @throws {UnsafeUrlError}
 */
export function pushedAuthorizationUrl(request: AuthorizationRequest, requestUri: string): URL {
  const reference = { client_id: request.clientId, request_uri: requestUri };
  const pushed = Object.keys(authorizationParameters(request));
  return withParameters(request.authorizationEndpoint, reference, pushed);
}

function withParameters(
  endpoint: string | undefined,
  parameters: Readonly<Record<string, string>>,
  alsoRemoved: readonly string[],
): URL {
  const url = safeUrl(endpoint, 'authorization_endpoint');
  url.hash = '';
  for (const name of [...NOT_THE_SERVERS, ...alsoRemoved]) url.searchParams.delete(name);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url;
}
