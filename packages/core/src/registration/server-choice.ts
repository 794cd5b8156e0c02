import type { Challenge } from '../discovery/challenge.js';
import { discover } from '../discovery/discovery.js';
import type { Discovered } from '../discovery/discovery.js';
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
  /** The issuer of the login that stands. */
  readonly standing: string | undefined;
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
 * @throws {RegistrationError | TransientError | LimitExceededError | BlockedAddressError | StoreError}
 */
export async function chooseServer(
  { http, registrar }: ServerChoiceParts,
  { resource, challenge, settings, standing, signal }: ServerChoiceRequest,
): Promise<ChosenServer> {
  const only = await registrar.boundIssuer(resource, settings);
  const discovered = await discover(http, resource, challenge ?? {}, signal, {
    only,
    preferred: standing,
    unattended: settings.grant !== undefined,
    assertUsable: (server) => {
      registrar.way(server, settings);
    },
  });
  const way = registrar.way(discovered.server, settings);
  await registrar.bind(resource, settings, discovered.server);
  return { discovered, way };
}
