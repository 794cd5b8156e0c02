import { safeUrl } from '../http/safe-url.js';

export interface AuthorizationRequest {
  readonly authorizationEndpoint: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly codeChallenge: string;
  readonly scope: string | undefined;
  readonly resourceIndicator: string | undefined;
}

/** What a server must not preset in the query of its own endpoint: they would change what we ask for or how it comes back. */
const NOT_THE_SERVERS = ['response_mode', 'request', 'request_uri', 'nonce', 'prompt', 'scope', 'resource'];

/**
 * The address that the person's browser is sent to (RFC 6749 section 4.1.1, RFC 7636 section 4.3, RFC 8707 section 2).
 * Each of our parameters stands there once, whatever the endpoint's own query held.
 *
 * @throws {UnsafeUrlError}
 */
export function authorizationUrl(request: AuthorizationRequest): URL {
  const url = safeUrl(request.authorizationEndpoint, 'authorization_endpoint');
  url.hash = '';
  for (const name of NOT_THE_SERVERS) url.searchParams.delete(name);
  const parameters: Record<string, string | undefined> = {
    response_type: 'code',
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    state: request.state,
    code_challenge: request.codeChallenge,
    code_challenge_method: 'S256',
    scope: request.scope,
    resource: request.resourceIndicator,
    // OpenID Connect Core section 11: servers ignore offline_access without it.
    prompt: request.scope?.split(' ').includes('offline_access') ? 'consent' : undefined,
  };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url;
}
