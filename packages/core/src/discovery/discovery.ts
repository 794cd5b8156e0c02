import { DiscoveryError } from '../errors.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import { discoverAuthorizationServer } from './authorization-server.js';
import type { AuthorizationServerMetadata } from './authorization-server.js';
import type { Challenge } from './challenge.js';
import { firstUsable, issuersInOrder } from './issuer-choice.js';
import type { IssuerChoice } from './issuer-choice.js';
import { discoverProtectedResource } from './protected-resource.js';

/** How a person logs in to one MCP server. */
export interface Discovered {
  readonly server: AuthorizationServerMetadata;
  /** RFC 8707. Absent where the MCP server advertised none. */
  readonly resourceIndicator?: string | undefined;
  /** The scopes that the MCP server names, where it does. */
  readonly scopes_supported?: readonly string[] | undefined;
  /** The proof algorithms that the MCP server takes (RFC 9728 section 2), where it offers DPoP. */
  readonly dpop_signing_alg_values_supported?: readonly string[] | undefined;
  /** Whether it takes no other tokens. */
  readonly dpop_bound_access_tokens_required?: boolean | undefined;
}

/**
 * From an MCP server to its authorization server: RFC 9728, then RFC 8414 or OpenID Connect Discovery, and for
 * servers of the 2025-03-26 revision, which have no resource metadata, the endpoints at their own origin.
 *
 * @throws {DiscoveryError | IssuerMismatchError | ResourceMismatchError | PkceUnsupportedError | UnsafeUrlError}
 * @throws {TransientError | LimitExceededError | BlockedAddressError}
 */
export async function discover(
  http: OAuthHttp,
  resource: string,
  challenge: Challenge,
  signal?: AbortSignal,
  choice: IssuerChoice = {},
): Promise<Discovered> {
  const metadata = await discoverProtectedResource(http, resource, challenge, signal);
  const usable = (server: AuthorizationServerMetadata): AuthorizationServerMetadata => {
    choice.assertUsable?.(server, metadata);
    return server;
  };
  const published = async (issuer: string): Promise<AuthorizationServerMetadata> => {
    const server = await discoverAuthorizationServer(http, resource, issuer, signal, choice.unattended);
    if (server) return usable(server);
    throw new DiscoveryError(resource, `its authorization server ${issuer} publishes no metadata`, []);
  };
  const offered = metadata?.authorization_servers ?? [];
  if (metadata && offered.length > 0) {
    const issuers = issuersInOrder(resource, offered, choice);
    const server = await firstUsable(resource, issuers, published);
    const { resource: resourceIndicator, authorization_servers: _, ...more } = metadata;
    return { server, resourceIndicator, ...more };
  }
  // What the MCP server leaves open, the host may have decided.
  if (choice.only?.origin === 'configured') {
    const found = metadata ?? { resource, authorization_servers: [] };
    const { resource: resourceIndicator, authorization_servers: _, ...more } = found;
    return { server: await published(choice.only.issuer), resourceIndicator, ...more };
  }
  if (metadata) {
    throw new DiscoveryError(
      resource,
      'its protected resource metadata names no authorization server. Configure its issuer if you know it',
      [],
    );
  }
  const { origin } = new URL(resource);
  issuersInOrder(resource, [origin], choice);
  const own = await discoverAuthorizationServer(http, resource, origin, signal, choice.unattended);
  return { server: usable(own ?? defaultEndpoints(origin)) };
}

/** The endpoints of a server that publishes nothing (MCP 2025-03-26, "Fallbacks for Servers without Metadata Discovery"). */
export function defaultEndpoints(origin: string): AuthorizationServerMetadata {
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    registration_endpoint: `${origin}/register`,
    client_id_metadata_document_supported: false,
    authorization_response_iss_parameter_supported: false,
  };
}
