import { InvalidConfigError } from '../errors.js';
import type { ClientMetadataDocument } from './client-metadata-document.js';
import { assertClientMetadataUrl } from './client-metadata-url.js';

/** The client that this host is by its metadata document. */
export interface PublishedClient {
  readonly client_id: string;
  /** Where its callbacks may come to, where the host gave the document itself. */
  readonly redirectUris: readonly string[] | undefined;
}

export interface PublishedClientOptions {
  readonly clientMetadataUrl?: string | undefined;
  readonly clientMetadataDocument?: ClientMetadataDocument | undefined;
  readonly clientKey?: object | undefined;
}

/**
 * Reads what a host says about its metadata document, and refuses what the document and the host would not agree about.
 *
 * @throws {InvalidConfigError}
 */
export function publishedClient(options: PublishedClientOptions): PublishedClient | undefined {
  const { clientMetadataUrl: url, clientMetadataDocument: document, clientKey } = options;
  if (url !== undefined) assertClientMetadataUrl(url, 'clientMetadataUrl');
  if (!document) return url === undefined ? undefined : { client_id: url, redirectUris: undefined };
  assertClientMetadataUrl(document.client_id, 'The client_id of clientMetadataDocument');
  if (url !== undefined && url !== document.client_id) {
    throw new InvalidConfigError(
      `clientMetadataDocument is for ${document.client_id}, and clientMetadataUrl is ${url}. One of them is enough.`,
    );
  }
  const wantsKey = document.token_endpoint_auth_method === 'private_key_jwt';
  if (wantsKey !== (clientKey !== undefined)) {
    throw new InvalidConfigError(
      wantsKey
        ? 'clientMetadataDocument says that this client proves itself by a key: configure its clientKey.'
        : 'clientMetadataDocument has no jwks, so that no server could check what clientKey signs.',
    );
  }
  return { client_id: document.client_id, redirectUris: document.redirect_uris };
}
