import { ResourceMismatchError } from '../errors.js';
import type { JsonFields } from '../http/json-object.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import { safeUrl } from '../http/safe-url.js';
import type { Challenge } from './challenge.js';
import { findMetadata, listField, textField } from './metadata-document.js';
import type { FoundMetadata } from './metadata-document.js';
import { protectedResourceUrls } from './well-known.js';

/** What an MCP server says about itself (RFC 9728 section 2), as far as it matters here. */
export interface ProtectedResourceMetadata {
  /** Exactly as advertised: it goes into requests as it is. */
  readonly resource: string;
  /** Empty where it names none. */
  readonly authorization_servers: readonly string[];
  readonly scopes_supported?: readonly string[] | undefined;
  readonly dpop_signing_alg_values_supported?: readonly string[] | undefined;
  readonly dpop_bound_access_tokens_required: boolean;
}

/**
 * Finds the metadata of an MCP server: where the challenge says, else at the well-known addresses. `undefined` where
 * it has none at all, as servers of the 2025-03-26 revision.
 *
 * @throws {ResourceMismatchError} before any authorization server is contacted.
 * @throws {DiscoveryError | TransientError | LimitExceededError | UnsafeUrlError}
 */
export async function discoverProtectedResource(
  http: OAuthHttp,
  resource: string,
  challenge: Challenge,
  signal: AbortSignal | undefined,
): Promise<ProtectedResourceMetadata | undefined> {
  const found = await findProtectedResource(http, resource, challenge, signal);
  return found && checkedProtectedResource(resource, found.fields);
}

/** The same, unchecked. @throws {DiscoveryError | TransientError | LimitExceededError | UnsafeUrlError} */
export async function findProtectedResource(
  http: OAuthHttp,
  resource: string,
  challenge: Challenge,
  signal: AbortSignal | undefined,
): Promise<FoundMetadata | undefined> {
  const named = challenge.resource_metadata;
  const urls =
    named === undefined ? protectedResourceUrls(new URL(resource)) : [safeUrl(named, 'resource_metadata')];
  const what = 'its protected resource metadata';
  const search = {
    urls,
    field: 'resource_metadata',
    who: resource,
    what,
    resource,
    required: named !== undefined,
  };
  return await findMetadata(http, search, signal);
}

/** @throws {ResourceMismatchError} */
export function checkedProtectedResource(resource: string, fields: JsonFields): ProtectedResourceMetadata {
  const advertised = textField(fields, 'resource') ?? '';
  if (!speaksFor(advertised, resource)) throw new ResourceMismatchError(resource, advertised);
  return {
    resource: advertised,
    authorization_servers: listField(fields, 'authorization_servers') ?? [],
    scopes_supported: listField(fields, 'scopes_supported'),
    dpop_signing_alg_values_supported: listField(fields, 'dpop_signing_alg_values_supported'),
    dpop_bound_access_tokens_required: fields.dpop_bound_access_tokens_required === true,
  };
}

/** Whether metadata for `advertised` holds for `resource`: the same origin, and a path that leads to it. */
export function speaksFor(advertised: string, resource: string): boolean {
  const wide = URL.parse(advertised);
  const narrow = new URL(resource);
  if (wide?.origin !== narrow.origin || wide.username !== '' || wide.password !== '') return false;
  if (wide.search !== '' && wide.search !== narrow.search) return false;
  const prefix = wide.pathname.endsWith('/') ? wide.pathname : `${wide.pathname}/`;
  return `${narrow.pathname}/`.startsWith(prefix);
}
