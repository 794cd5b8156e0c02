import type { ClientInformation, Grant } from '../credentials/credentials.js';
import type { AuthorizationServerMetadata } from '../discovery/authorization-server.js';
import { otherIssuer } from '../discovery/issuer-choice.js';
import type { BoundIssuer } from '../discovery/issuer-choice.js';
import { isSameIssuer } from '../discovery/issuer.js';
import { RegistrationError, StoreError } from '../errors.js';
import type { TokenEndpoint } from '../protocol/token-endpoint.js';
import { isClientKnown } from './client-check.js';
import type { ClientKeys } from './client-keys.js';
import type { ClientMetadata } from './client-metadata.js';
import { registrationRequest } from './dynamic-registration.js';
import type { IssuerBindings } from './issuer-bindings.js';
import { preRegisteredClient } from './pre-registered-client.js';
import type { RegisteredClient } from './pre-registered-client.js';
import type { PublishedClient } from './published-client.js';
import { SharedRegistration } from './shared-registration.js';
import type { RegisteredFor, SharedRegistrationOptions } from './shared-registration.js';

/** How this client comes by an identifier at one server (MCP authorization, "Client Registration Approaches"). */
export type RegistrationWay =
  | { readonly kind: 'pre_registered'; readonly client: ClientInformation }
  | {
      readonly kind: 'metadata_document';
      readonly client: ClientInformation;
      /** Where the document lets callbacks come to, as far as this host knows it. */
      readonly redirectUris: readonly string[] | undefined;
    }
  | { readonly kind: 'dynamic'; readonly registration_endpoint: string };

export interface ClientRegistrarOptions extends SharedRegistrationOptions {
  readonly endpoint: TokenEndpoint;
  readonly bindings: IssuerBindings;
  readonly metadata: ClientMetadata;
  /** By its metadata document, where this host publishes one. */
  readonly published?: PublishedClient | undefined;
  /** Those that prove what this host itself is. */
  readonly keys: ClientKeys;
}

/** Gets a client identifier: pre-registered, then CIMD, then dynamic registration. */
export class ClientRegistrar {
  readonly #options: ClientRegistrarOptions;
  readonly #shared: SharedRegistration;

  constructor(options: ClientRegistrarOptions) {
    this.#options = options;
    this.#shared = new SharedRegistration(options);
  }

  /**
   * The only issuer that a session may go to, where there is one: the configured one, else the one that its
   * pre-registered client was used at first. Reads only.
   *
   * @throws {StoreError}
   */
  async boundIssuer(
    resource: string,
    { issuer, clientId }: RegisteredClient,
  ): Promise<BoundIssuer | undefined> {
    if (issuer !== undefined) return { issuer, origin: 'configured' };
    if (clientId === undefined) return undefined;
    const remembered = await this.#options.bindings.issuer(resource, clientId);
    return remembered === undefined ? undefined : { issuer: remembered, origin: 'remembered' };
  }

  /**
   * A client that was registered by hand, with the secret that is configured for it now. `undefined` where that is the
   * same, and where it may be one for another issuer.
   */
  async rotated(
    resource: string,
    settings: RegisteredClient,
    { server, client }: Pick<Grant, 'server' | 'client'>,
  ): Promise<ClientInformation | undefined> {
    const { clientId, clientSecret } = settings;
    const isRotated =
      clientId === client.client_id &&
      client.client_secret !== undefined &&
      clientSecret !== undefined &&
      clientSecret !== client.client_secret;
    if (!isRotated) return undefined;
    try {
      const bound = await this.boundIssuer(resource, settings);
      const isBoundHere = bound !== undefined && isSameIssuer(bound.issuer, server.issuer);
      return isBoundHere ? { ...client, client_secret: clientSecret } : undefined;
    } catch (error) {
      if (error instanceof StoreError) return undefined;
      throw error;
    }
  }

  /**
   * To be called before anything is sent to an authorization server in the name of a client. A pre-registered one whose
   * issuer nobody configured belongs to this issuer from now on.
   *
   * @throws {IssuerMismatchError | StoreError}
   */
  async bind(
    resource: string,
    { issuer, clientId }: RegisteredClient,
    server: AuthorizationServerMetadata,
  ): Promise<void> {
    if (issuer !== undefined && !isSameIssuer(issuer, server.issuer)) {
      throw otherIssuer(resource, { issuer, origin: 'configured' }, [server.issuer]);
    }
    if (issuer === undefined && clientId !== undefined) {
      await this.#options.bindings.bind(resource, clientId, server.issuer);
    }
  }

  /** @throws {RegistrationError} where the server offers no way. */
  way(server: AuthorizationServerMetadata, settings: RegisteredClient): RegistrationWay {
    const { clientId } = settings;
    if (clientId !== undefined) {
      return { kind: 'pre_registered', client: preRegisteredClient(clientId, settings) };
    }
    const { published, keys } = this.#options;
    if (published && server.client_id_metadata_document_supported) {
      const { client_id, redirectUris } = published;
      const method = keys.find(client_id, server.issuer) ? 'private_key_jwt' : 'none';
      return {
        kind: 'metadata_document',
        client: { client_id, token_endpoint_auth_method: method },
        redirectUris,
      };
    }
    if (server.registration_endpoint !== undefined) {
      return { kind: 'dynamic', registration_endpoint: server.registration_endpoint };
    }
    const document = server.client_id_metadata_document_supported
      ? 'publish a client metadata document and configure clientMetadataUrl, or '
      : '';
    throw new RegistrationError(
      server.issuer,
      `it has no dynamic registration. To log in there, ${document}register this client by hand and configure its clientId`,
    );
  }

  /**
   * A registration for these redirect URIs, shared by all owners: the stored one while it is good, else a new one.
   *
   * @param isSuspect A login with it led nowhere a moment ago: the server is asked whether it still knows the client.
   * @throws {RegistrationError | TransientError | StoreError}
   */
  async register(
    server: AuthorizationServerMetadata,
    registrationEndpoint: string,
    redirectUris: readonly string[],
    isSuspect = false,
  ): Promise<RegisteredFor> {
    const request = registrationRequest(this.#options.metadata, redirectUris, server);
    const target = { issuer: server.issuer, registration_endpoint: registrationEndpoint };
    const registered = await this.#shared.obtain(target, request);
    if (!isSuspect || registered.fresh) return registered;
    if ((await this.#isKnown(server, registered.client)) !== false) return registered;
    await this.#options.repository.discard(server.issuer, registered.client.client_id);
    return await this.#shared.obtain(target, request);
  }

  /**
   * Forgets a registration with which a login ran into the void, unless the server says that it knows the client: others
   * use it too.
   */
  async discardUnlessKnown(server: AuthorizationServerMetadata, client: ClientInformation): Promise<void> {
    if (await this.#isKnown(server, client)) return;
    try {
      await this.#options.repository.discard(server.issuer, client.client_id);
    } catch (error) {
      // How the login ended is worth more to the person; the next one finds out again.
      if (!(error instanceof StoreError)) throw error;
    }
  }

  async #isKnown(
    server: AuthorizationServerMetadata,
    client: ClientInformation,
  ): Promise<boolean | undefined> {
    const { endpoint, keys } = this.#options;
    return await isClientKnown(endpoint, { server, client, keys });
  }
}
