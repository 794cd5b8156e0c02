import type { PinnedServer } from '../credentials/credentials.js';
import { isSameIssuer } from '../discovery/issuer.js';
import { findMetadata, listField, textField } from '../discovery/metadata-document.js';
import { authorizationServerUrls } from '../discovery/well-known.js';
import { DiscoveryError, IssuerMismatchError } from '../errors.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import { safeUrl } from '../http/safe-url.js';
import type { IdentityProvider } from './machine-grant.js';

/**
 * Where an identity provider exchanges tokens. Nobody logs in there on our behalf: of its metadata the token endpoint
 * alone matters.
 *
 * @throws {DiscoveryError | IssuerMismatchError | TransientError | UnsafeUrlError | LimitExceededError}
 */
export async function discoverIdentityProvider(
  http: OAuthHttp,
  resource: string,
  { issuer, tokenEndpoint }: IdentityProvider,
  signal: AbortSignal,
): Promise<PinnedServer> {
  if (tokenEndpoint !== undefined) {
    return { issuer, token_endpoint: safeUrl(tokenEndpoint, 'tokenEndpoint').href };
  }
  const what = `the metadata of the identity provider ${issuer}`;
  const found = await findMetadata(
    http,
    {
      urls: authorizationServerUrls(safeUrl(issuer, 'identityProvider.issuer')),
      field: 'identityProvider.issuer',
      who: `The identity provider ${issuer}`,
      what,
      resource,
      required: true,
    },
    signal,
  );
  if (!found) throw new DiscoveryError(resource, `${what} is of no use`, []);
  const { fields } = found;
  const named = textField(fields, 'issuer') ?? '';
  if (!isSameIssuer(named, issuer)) throw new IssuerMismatchError(issuer, named);
  return {
    // As it calls itself: what proves this client there is for that name alone.
    issuer: named,
    token_endpoint: safeUrl(textField(fields, 'token_endpoint'), 'token_endpoint').href,
    token_endpoint_auth_methods_supported: listField(fields, 'token_endpoint_auth_methods_supported'),
    token_endpoint_auth_signing_alg_values_supported: listField(
      fields,
      'token_endpoint_auth_signing_alg_values_supported',
    ),
  };
}
