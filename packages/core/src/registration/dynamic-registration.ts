import type { AuthorizationServerMetadata } from '../discovery/authorization-server.js';
import { isLoopback } from '../http/safe-url.js';
import type { ClientMetadata } from './client-metadata.js';

/** RFC 8628 section 3.4. */
export const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** The body of a registration request (RFC 7591 section 3.1). */
export interface RegistrationRequest extends ClientMetadata {
  readonly redirect_uris: readonly string[];
  readonly grant_types: string[];
  readonly response_types: string[];
  readonly token_endpoint_auth_method: string;
  readonly application_type: 'native' | 'web';
}

/**
 * It names no `scope`: a server would hold every later request to it, and refuse a step-up. A native client is registered
 * for logins on another device where the server has them, so that one registration serves whichever way a person takes.
 */
export function registrationRequest(
  metadata: ClientMetadata,
  redirectUris: readonly string[],
  server: AuthorizationServerMetadata,
): RegistrationRequest {
  const native = redirectUris.every((uri) => isLoopback(new URL(uri)));
  return {
    ...metadata,
    redirect_uris: redirectUris,
    grant_types: [
      'authorization_code',
      'refresh_token',
      ...(native && server.device_authorization_endpoint !== undefined ? [DEVICE_CODE_GRANT] : []),
    ],
    response_types: ['code'],
    token_endpoint_auth_method: authenticationMethod(native, server.token_endpoint_auth_methods_supported),
    application_type: native ? 'native' : 'web',
  };
}

/** A native client can keep no secret (RFC 8252 section 8.5), a web application can. */
function authenticationMethod(native: boolean, supported: readonly string[] | undefined): string {
  if (!supported) return native ? 'none' : 'client_secret_basic';
  const preferred = native
    ? ['none', 'client_secret_basic', 'client_secret_post']
    : ['client_secret_basic', 'client_secret_post', 'none'];
  return preferred.find((method) => supported.includes(method)) ?? 'none';
}
