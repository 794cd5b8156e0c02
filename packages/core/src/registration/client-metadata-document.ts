import { checkedRedirectUri } from '../authorization/redirect-uris.js';
import { InvalidConfigError } from '../errors.js';
import { isLoopback, safeUrl } from '../http/safe-url.js';
import { utf8 } from '../session-key/digest.js';
import type { ClientMetadata } from './client-metadata.js';
import { assertClientMetadataUrl } from './client-metadata-url.js';

/** What servers should read at least, and many read no further (draft section 6.6). */
const MAX_BYTES = 5 * 1_024;
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/**
 * A client metadata document (draft-ietf-oauth-client-id-metadata-document-00): what a host publishes about itself so
 * that it need not register. Wire names; `JSON.stringify` gives what is to be served.
 */
export interface ClientMetadataDocument extends ClientMetadata {
  /** The address that it is published at. */
  readonly client_id: string;
  readonly redirect_uris: readonly string[];
  readonly grant_types: readonly string[];
  readonly response_types: readonly string[];
  /** No shared secret is possible: everybody can read the document. */
  readonly token_endpoint_auth_method: 'none' | 'private_key_jwt';
  readonly application_type: 'native' | 'web';
  readonly jwks?: { readonly keys: readonly JsonWebKey[] };
  readonly jwks_uri?: string;
}

export interface ClientMetadataDocumentOptions {
  /** The https address that it will be published at. It is the `client_id`, and must not change. */
  readonly url: string;
  /** As given to `createOAuthClient`. */
  readonly client: ClientMetadata;
  /**
   * Every address that a callback may come to: https ones of this host, `http://localhost:9876/callback` on a person's own
   * machine. No server takes another.
   */
  readonly redirectUris: readonly string[];
  /** Further grant types that the host uses: `urn:ietf:params:oauth:grant-type:device_code`. */
  readonly grantTypes?: readonly string[];
  /** The public keys of a host that has a `clientKey`. */
  readonly jwks?: { readonly keys: readonly JsonWebKey[] };
  /** Or the https address where they are published, which lets them change. */
  readonly jwksUri?: string;
}

/** How a document is to be served: as JSON, with status 200 and no redirect, and kept by servers for an hour. */
export const clientMetadataDocumentHeaders: Readonly<Record<string, string>> = {
  'content-type': 'application/json',
  'cache-control': 'public, max-age=3600',
  'x-content-type-options': 'nosniff',
};

/**
 * Makes the document of a host, with everything that authorization servers ask for.
 *
 * @throws {InvalidConfigError} no server would take such a document, or it holds a private key.
 * @throws {UnsafeUrlError} a redirect address is neither https nor on the loopback interface.
 */
export function clientMetadataDocument(options: ClientMetadataDocumentOptions): ClientMetadataDocument {
  const { url, client, jwks, jwksUri, grantTypes = [] } = options;
  assertClientMetadataUrl(url, 'The url of a client metadata document');
  if (client.client_name.trim() === '') {
    throw new InvalidConfigError(
      'A client metadata document needs a client_name: people are asked about it.',
    );
  }
  if (Object.hasOwn(client, 'client_secret')) {
    throw new InvalidConfigError('A client metadata document has no client_secret: everybody would read it.');
  }
  const redirectUris = options.redirectUris.map((uri) => checkedRedirectUri(uri, 'redirectUris'));
  if (redirectUris.length === 0) {
    throw new InvalidConfigError('A client metadata document needs a redirect address at least.');
  }
  if (jwks && jwksUri !== undefined) {
    throw new InvalidConfigError(
      'A client metadata document has jwks or jwksUri, not both (RFC 7591 section 2).',
    );
  }
  if (jwks) assertPublic(jwks.keys);
  const document: ClientMetadataDocument = {
    ...client,
    client_id: url,
    redirect_uris: redirectUris,
    grant_types: [...new Set(['authorization_code', 'refresh_token', ...grantTypes])],
    response_types: ['code'],
    token_endpoint_auth_method: jwks || jwksUri !== undefined ? 'private_key_jwt' : 'none',
    // OpenID Connect Registration section 2: the redirect addresses of a web application are all https.
    application_type: redirectUris.some((uri) => isLoopback(new URL(uri))) ? 'native' : 'web',
    ...(jwks ? { jwks } : {}),
    ...(jwksUri === undefined ? {} : { jwks_uri: publicUrl(jwksUri) }),
  };
  const { byteLength } = utf8(JSON.stringify(document));
  if (byteLength > MAX_BYTES) {
    throw new InvalidConfigError(
      `The client metadata document has ${String(byteLength)} bytes, and servers may read ${String(MAX_BYTES)} only.` +
        (jwks ? ' Publish its keys at a jwksUri.' : ''),
    );
  }
  return document;
}

/** Servers fetch it: plain http on this machine leads nowhere there. */
function publicUrl(jwksUri: string): string {
  const { protocol, href } = safeUrl(jwksUri, 'jwksUri');
  if (protocol !== 'https:') throw new InvalidConfigError('The jwksUri must begin with https://.');
  return href;
}

function assertPublic(keys: readonly JsonWebKey[]): void {
  if (keys.length === 0) throw new InvalidConfigError('The jwks of a client metadata document has no key.');
  for (const key of keys) {
    if (key.kty === 'oct' || PRIVATE_MEMBERS.some((name) => Object.hasOwn(key, name))) {
      throw new InvalidConfigError(
        'The jwks of a client metadata document holds a private key, which everybody would read. Give the public ones.',
      );
    }
  }
}
