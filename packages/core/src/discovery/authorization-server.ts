import { DiscoveryError, IssuerMismatchError, PkceUnsupportedError } from '../errors.js';
import type { JsonFields } from '../http/json-object.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import { safeUrl } from '../http/safe-url.js';
import { isSameIssuer, safeIssuer } from './issuer.js';
import { findMetadata, listField, textField } from './metadata-document.js';
import type { FoundMetadata } from './metadata-document.js';
import { authorizationServerUrls } from './well-known.js';

/** An authorization server's metadata (RFC 8414 section 2), as far as it matters here, every address checked. */
export interface AuthorizationServerMetadata {
  readonly issuer: string;
  /** Absent only where nobody logs in. */
  readonly authorization_endpoint?: string | undefined;
  readonly token_endpoint: string;
  readonly registration_endpoint?: string | undefined;
  readonly revocation_endpoint?: string | undefined;
  readonly token_endpoint_auth_methods_supported?: readonly string[] | undefined;
  readonly token_endpoint_auth_signing_alg_values_supported?: readonly string[] | undefined;
  readonly revocation_endpoint_auth_methods_supported?: readonly string[] | undefined;
  /** RFC 9126. */
  readonly pushed_authorization_request_endpoint?: string | undefined;
  readonly require_pushed_authorization_requests?: boolean | undefined;
  /** RFC 8628. */
  readonly device_authorization_endpoint?: string | undefined;
  readonly grant_types_supported?: readonly string[] | undefined;
  /** RFC 9449 section 5.1. */
  readonly dpop_signing_alg_values_supported?: readonly string[] | undefined;
  readonly scopes_supported?: readonly string[] | undefined;
  readonly client_id_metadata_document_supported: boolean;
  /** RFC 9207 section 3. */
  readonly authorization_response_iss_parameter_supported: boolean;
}

/**
 * Finds and checks the metadata of an issuer. `undefined` where it publishes none.
 *
 * @param unattended Nobody is sent there with a browser: what a code flow needs may be missing.
 * @throws {IssuerMismatchError} the document speaks for somebody else.
 * @throws {PkceUnsupportedError} it doesn't announce S256.
 * @throws {DiscoveryError | TransientError | LimitExceededError | UnsafeUrlError}
 */
export async function discoverAuthorizationServer(
  http: OAuthHttp,
  resource: string,
  issuer: string,
  signal: AbortSignal | undefined,
  unattended = false,
): Promise<AuthorizationServerMetadata | undefined> {
  const found = await findServerMetadata(http, resource, issuer, signal);
  return found && checkedServerMetadata(resource, issuer, found.fields, unattended);
}

/** The same, unchecked. @throws {DiscoveryError | TransientError | LimitExceededError | UnsafeUrlError} */
export async function findServerMetadata(
  http: OAuthHttp,
  resource: string,
  issuer: string,
  signal: AbortSignal | undefined,
): Promise<FoundMetadata | undefined> {
  const urls = authorizationServerUrls(safeIssuer(issuer, 'authorization_servers'));
  const who = `The authorization server ${issuer}`;
  const what = `the metadata of its authorization server ${issuer}`;
  const search = { urls, field: 'authorization_servers', who, what, resource, required: false };
  return await findMetadata(http, search, signal);
}

/**
 * Checks a metadata document that was asked for under `issuer`.
 *
 * @throws {IssuerMismatchError | PkceUnsupportedError | UnsafeUrlError | DiscoveryError}
 */
export function checkedServerMetadata(
  resource: string,
  issuer: string,
  fields: JsonFields,
  unattended = false,
): AuthorizationServerMetadata {
  const found = textField(fields, 'issuer') ?? '';
  if (!isSameIssuer(found, issuer)) throw new IssuerMismatchError(issuer, found);
  if (!unattended) assertLogin(resource, found, fields);
  const endpoint = (name: string): string => safeUrl(textField(fields, name), name).href;
  const optional = (name: string): string | undefined =>
    textField(fields, name) === undefined ? undefined : endpoint(name);
  return {
    issuer: found,
    authorization_endpoint: (unattended ? optional : endpoint)('authorization_endpoint'),
    token_endpoint: endpoint('token_endpoint'),
    registration_endpoint: optional('registration_endpoint'),
    revocation_endpoint: optional('revocation_endpoint'),
    token_endpoint_auth_methods_supported: listField(fields, 'token_endpoint_auth_methods_supported'),
    token_endpoint_auth_signing_alg_values_supported: listField(
      fields,
      'token_endpoint_auth_signing_alg_values_supported',
    ),
    revocation_endpoint_auth_methods_supported: listField(
      fields,
      'revocation_endpoint_auth_methods_supported',
    ),
    pushed_authorization_request_endpoint: optional('pushed_authorization_request_endpoint'),
    require_pushed_authorization_requests: fields.require_pushed_authorization_requests === true,
    device_authorization_endpoint: optional('device_authorization_endpoint'),
    grant_types_supported: listField(fields, 'grant_types_supported'),
    dpop_signing_alg_values_supported: listField(fields, 'dpop_signing_alg_values_supported'),
    scopes_supported: listField(fields, 'scopes_supported'),
    client_id_metadata_document_supported: fields.client_id_metadata_document_supported === true,
    authorization_response_iss_parameter_supported:
      fields.authorization_response_iss_parameter_supported === true,
  };
}

/** What the login of a person at a browser needs. */
function assertLogin(resource: string, issuer: string, fields: JsonFields): void {
  if (!listField(fields, 'code_challenge_methods_supported')?.includes('S256'))
    throw new PkceUnsupportedError(issuer);
  const responseTypes = listField(fields, 'response_types_supported');
  if (responseTypes && !responseTypes.includes('code')) {
    throw new DiscoveryError(
      resource,
      `its authorization server ${issuer} has no authorization code flow`,
      [],
    );
  }
  const pushing = textField(fields, 'pushed_authorization_request_endpoint');
  if (fields.require_pushed_authorization_requests === true && pushing === undefined) {
    const problem = `its authorization server ${issuer} wants pushed authorization requests and names no endpoint for them`;
    throw new DiscoveryError(resource, problem, []);
  }
}
