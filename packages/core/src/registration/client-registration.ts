import type { ClientInformation, Grant } from '../credentials/credentials.js';
import type { AuthorizationServerMetadata } from '../discovery/authorization-server.js';
import { IssuerMismatchError, RegistrationError } from '../errors.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import { registerClient } from '../protocol/registration-endpoint.js';
import type { Clock } from '../time/clock.js';
import type { ClientMetadata } from './client-metadata.js';
import { registrationRequest } from './dynamic-registration.js';
import type { ClientRegistration, RegistrationRepository } from './registration-repository.js';

/** What a session brings of its own. */
export interface RegisteredClient {
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
}

/** How this client comes by an identifier at one server (MCP authorization, "Client Registration Approaches"). */
export type RegistrationWay =
  | { readonly kind: 'pre_registered' | 'metadata_document'; readonly client: ClientInformation }
  | { readonly kind: 'dynamic'; readonly registration_endpoint: string };

export interface ClientRegistrarOptions {
  readonly http: OAuthHttp;
  readonly clock: Clock;
  readonly repository: RegistrationRepository;
  readonly metadata: ClientMetadata;
  /** Where this host publishes its Client ID Metadata Document. */
  readonly metadataUrl?: string | undefined;
}

/** Gets a client identifier: pre-registered, then CIMD, then dynamic registration. */
export class ClientRegistrar {
  readonly #options: ClientRegistrarOptions;

  constructor(options: ClientRegistrarOptions) {
    this.#options = options;
  }

  /** @throws {RegistrationError} where the server offers no way. */
  way(
    server: AuthorizationServerMetadata,
    { clientId, clientSecret }: RegisteredClient,
    before?: Grant,
  ): RegistrationWay {
    if (clientId !== undefined) {
      // A client registered by hand belongs to one issuer; an MCP server that names another must not get its secret.
      if (before?.client.client_id === clientId && before.server.issuer !== server.issuer) {
        throw new IssuerMismatchError(before.server.issuer, server.issuer);
      }
      return { kind: 'pre_registered', client: { client_id: clientId, client_secret: clientSecret } };
    }
    const { metadataUrl } = this.#options;
    if (metadataUrl !== undefined && server.client_id_metadata_document_supported) {
      return {
        kind: 'metadata_document',
        client: { client_id: metadataUrl, token_endpoint_auth_method: 'none' },
      };
    }
    if (server.registration_endpoint !== undefined) {
      return { kind: 'dynamic', registration_endpoint: server.registration_endpoint };
    }
    throw new RegistrationError(
      server.issuer,
      'it has no dynamic registration. Register this client there by hand and configure its clientId',
    );
  }

  /**
   * A registration for these redirect URIs: the stored one, replaced where it is stale or foreign.
   *
   * @throws {RegistrationError | TransientError | StoreError}
   */
  async register(
    server: AuthorizationServerMetadata,
    registrationEndpoint: string,
    redirectUris: readonly string[],
  ): Promise<{ readonly client: ClientInformation; readonly fresh: boolean }> {
    const { http, repository, metadata } = this.#options;
    const request = registrationRequest(metadata, redirectUris, server);
    const id = await repository.id(server.issuer, request);
    const stored = await repository.get(id);
    if (stored && this.#isUsable(stored.registration, server.issuer, redirectUris)) {
      return { client: stored.registration.client, fresh: false };
    }
    const endpoint = { issuer: server.issuer, registration_endpoint: registrationEndpoint };
    const client = await registerClient(http, endpoint, request);
    const registration = { issuer: server.issuer, redirect_uris: redirectUris, client };
    const kept = await repository.put(id, stored?.version ?? null, registration);
    return { client: kept.client, fresh: true };
  }

  #isUsable(registration: ClientRegistration, issuer: string, redirectUris: readonly string[]): boolean {
    const { client_secret, client_secret_expires_at: expires = 0 } = registration.client;
    const expired =
      client_secret !== undefined && expires !== 0 && expires * 1_000 <= this.#options.clock.now();
    return (
      registration.issuer === issuer &&
      !expired &&
      redirectUris.every((uri) => registration.redirect_uris.includes(uri))
    );
  }
}
