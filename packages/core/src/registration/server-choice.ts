import type { AuthorizationServerMetadata } from '../discovery/authorization-server.js';
import type { Challenge } from '../discovery/challenge.js';
import { discover } from '../discovery/discovery.js';
import type { Discovered } from '../discovery/discovery.js';
import { DiscoveryError } from '../errors.js';
import type { Dpop } from '../dpop/dpop.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import type { ClientRegistrar, RegistrationWay } from './client-registration.js';
import type { SessionSettings } from '../session/session-settings.js';

export interface ServerChoiceParts {
  readonly http: OAuthHttp;
  readonly registrar: ClientRegistrar;
}

export interface ServerChoiceRequest {
  readonly resource: string;
  readonly challenge: Challenge | undefined;
  readonly settings: SessionSettings;
  readonly dpop: Dpop;
  /** The issuer of the login that stands. */
  readonly standing: string | undefined;
  /** The person logs in on another device: the server has to offer that, and need have no code flow. */
  readonly onDevice?: boolean;
  readonly signal: AbortSignal | undefined;
}

export interface ChosenServer {
  readonly discovered: Discovered;
  readonly way: RegistrationWay;
}

/**
 * The authorization server that tokens for an MCP server come from, and how this client is known there. Of several the
 * first that can be used; a client that was registered by hand has one issuer and hears of no other, nor that one of it.
 *
 * @throws {DiscoveryError | IssuerMismatchError | ResourceMismatchError | PkceUnsupportedError | UnsafeUrlError}
 * @throws {RegistrationError | DpopUnsupportedError | TransientError | LimitExceededError | BlockedAddressError}
 * @throws {StoreError}
 */
export async function chooseServer(
  { http, registrar }: ServerChoiceParts,
  { resource, challenge, settings, dpop, standing, onDevice = false, signal }: ServerChoiceRequest,
): Promise<ChosenServer> {
  const only = await registrar.boundIssuer(resource, settings);
  const discovered = await discover(http, resource, challenge ?? {}, signal, {
    only,
    preferred: standing,
    unattended: settings.grant !== undefined || onDevice,
    assertUsable: (server, metadata) => {
      if (onDevice) assertDeviceAuthorization(resource, server);
      registrar.way(server, settings);
      dpop.assertPossible({ resource, challenge, discovered: { server, ...metadata } });
    },
  });
  const way = registrar.way(discovered.server, settings);
  await registrar.bind(resource, settings, discovered.server);
  return { discovered, way };
}

function assertDeviceAuthorization(resource: string, server: AuthorizationServerMetadata): void {
  if (server.device_authorization_endpoint !== undefined) return;
  throw new DiscoveryError(
    resource,
    `its authorization server ${server.issuer} has no device authorization (RFC 8628). Log in with a browser, by ` +
      'authorize(), or ask whoever runs that server to offer it',
    [],
  );
}
