import type { StrictBehaviour } from './behaviour.js';
import { deviceCodeGrant } from './device-codes.js';
import type { StrictEndpoint } from './request-log.js';

/**
 * Where the metadata is served. `oauth` and `oidc_inserted` put the well-known part between host and path
 * (RFC 8414 section 3.1), `oidc_appended` puts it at the end of the path (OpenID Connect Discovery 1.0 section 4.1).
 */
export type MetadataLocation = 'oauth' | 'oidc_inserted' | 'oidc_appended';

function metadataPath(location: MetadataLocation, issuerPath: string): string {
  if (location === 'oauth') return `/.well-known/oauth-authorization-server${issuerPath}`;
  if (location === 'oidc_inserted') return `/.well-known/openid-configuration${issuerPath}`;
  return `${issuerPath}/.well-known/openid-configuration`;
}

const authenticationMethods = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'];
const endpointNames = [
  'authorize',
  'par',
  'device_authorization',
  'device',
  'token',
  'register',
  'revoke',
  'introspect',
] as const;

export function endpointAt(
  path: string,
  issuerPath: string,
  locations: readonly MetadataLocation[],
): StrictEndpoint {
  if (locations.some((location) => metadataPath(location, issuerPath) === path)) return 'metadata';
  return endpointNames.find((name) => path === `${issuerPath}/${name}`) ?? 'other';
}

/** RFC 8414 section 2. Members that the behaviour sets to `undefined` are left out by JSON itself. */
export function metadataDocument(issuer: string, behaviour: StrictBehaviour): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    ...(behaviour.registration ? { registration_endpoint: `${issuer}/register` } : {}),
    ...(behaviour.pushedRequests === 'none'
      ? {}
      : {
          pushed_authorization_request_endpoint: `${issuer}/par`,
          require_pushed_authorization_requests: behaviour.pushedRequests === 'required',
        }),
    ...(behaviour.deviceAuthorization
      ? { device_authorization_endpoint: `${issuer}/device_authorization` }
      : {}),
    ...(behaviour.dpop === 'none' ? {} : { dpop_signing_alg_values_supported: ['PS256', 'ES384', 'ES256'] }),
    revocation_endpoint: `${issuer}/revoke`,
    introspection_endpoint: `${issuer}/introspect`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: [
      'authorization_code',
      'refresh_token',
      ...(behaviour.deviceAuthorization ? [deviceCodeGrant] : []),
    ],
    token_endpoint_auth_methods_supported: authenticationMethods,
    token_endpoint_auth_signing_alg_values_supported: ['ES256', 'RS256', 'EdDSA'],
    revocation_endpoint_auth_methods_supported: authenticationMethods,
    code_challenge_methods_supported: ['S256'],
    scopes_supported: ['mcp:tools', 'mcp:admin'],
    authorization_response_iss_parameter_supported: true,
    ...behaviour.metadata,
  };
}
