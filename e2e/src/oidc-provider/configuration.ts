import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import type { ClientMetadata, Configuration, KoaContextWithOIDC, ResourceServer } from 'oidc-provider';
import MemoryAdapter from 'oidc-provider/lib/adapters/memory_adapter.js';
import LRU from 'oidc-provider/lib/helpers/lru.js';
import { canary } from '../canary.js';
import { nowMs } from '../http/clock.js';
import { confirmDevicePage, deviceConnectedPage, errorPage, pageHeaders, userCodePage } from './pages.js';

export type AccessTokenFormat = 'jwt' | 'opaque';

export interface OidcProviderOptions {
  /** Registered beforehand, in wire names (RFC 7591 section 2). */
  readonly clients?: readonly ClientMetadata[];
  /** Whole seconds. Default: 60. */
  readonly accessTokenTtl?: number;
  /** For all resources, or for each. Default: `jwt`. */
  readonly accessTokenFormat?: AccessTokenFormat | ((resource: string) => AccessTokenFormat);
  /**
   * Client metadata documents (CIMD) by their https address, which is the client id. They stand in for the web: the
   * server fetches nothing else.
   */
  readonly clientMetadataDocuments?: Readonly<Record<string, object>>;
  /** Binds tokens to the key of a proof (RFC 9449); `nonces`: each proof needs one. Default: neither. */
  readonly dpop?: 'offered' | 'nonces';
  /** Whether authorization requests have to be pushed (RFC 9126). Default: they may be. */
  readonly requirePar?: boolean;
}

/** The MCP server's own login for introspection. */
export interface ResourceServerCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

export const interactionPath = '/interaction/';

const day = 86_400;
const signingAlgorithm = 'ES256';
const resourceScopes = 'mcp:tools mcp:admin';

export async function configuration(
  options: OidcProviderOptions,
  resourceServer: ResourceServerCredentials,
): Promise<Configuration> {
  const {
    accessTokenTtl = 60,
    accessTokenFormat = 'jwt',
    clientMetadataDocuments = {},
    requirePar = false,
  } = options;
  // A thousand owners log in at once in some tests; the provider's own store forgets beyond that.
  const storage = new LRU({ maxSize: 1_000_000 });
  const resourceServerInfo = (resource: string): ResourceServer => ({
    audience: resource,
    scope: resourceScopes,
    accessTokenTTL: accessTokenTtl,
    accessTokenFormat:
      typeof accessTokenFormat === 'string' ? accessTokenFormat : accessTokenFormat(resource),
    jwt: { sign: { alg: signingAlgorithm } },
  });
  return {
    adapter: (model) => new MemoryAdapter(model, storage),
    jwks: { keys: [await signingKey()] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    clients: [
      ...(options.clients ?? []),
      {
        client_id: resourceServer.clientId,
        client_secret: resourceServer.clientSecret,
        grant_types: [],
        response_types: [],
        redirect_uris: [],
      },
    ],
    clientDefaults: { id_token_signed_response_alg: signingAlgorithm },
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    scopes: ['openid', 'offline_access', ...resourceScopes.split(' ')],
    pkce: { required: () => true },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    expiresWithSession: () => false,
    // Seconds, which `iat` is in, are too coarse to tell a token from the one before it.
    extraTokenClaims: () => ({ issued_at_ms: nowMs() }),
    clientBasedCORS: () => false,
    interactions: { url: (_ctx, { uid }) => interactionPath + uid },
    renderError: (ctx, { error }) => show(ctx, errorPage(error)),
    fetch: (url) => Promise.resolve(documentResponse(clientMetadataDocuments[addressOf(url)])),
    ttl: {
      AccessToken: accessTokenTtl,
      AuthorizationCode: 60,
      ClientCredentials: accessTokenTtl,
      DeviceCode: 600,
      Grant: 14 * day,
      IdToken: 3_600,
      Interaction: 3_600,
      RefreshToken: 14 * day,
      Session: 14 * day,
    },
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
      registrationManagement: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, client) => client.clientId === resourceServer.clientId,
      },
      clientCredentials: { enabled: true },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: (ctx, form, _out, error) =>
          show(ctx, userCodePage(form, error && `That did not work (${error.name}). Try again.`)),
        userCodeConfirmSource: (ctx, form, client, _device, userCode) =>
          show(ctx, confirmDevicePage(form, client.clientName ?? client.clientId, userCode)),
        successSource: (ctx) => show(ctx, deviceConnectedPage()),
      },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: requirePar },
      clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
      dPoP: {
        enabled: options.dpop !== undefined,
        nonceSecret: randomBytes(32),
        requireNonce: () => options.dpop === 'nonces',
      },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource) => resourceServerInfo(resource),
      },
    },
  };
}

export function newResourceServerCredentials(): ResourceServerCredentials {
  return { clientId: 'mcp-resource-server', clientSecret: canary('secret') };
}

async function signingKey(): Promise<{ kty: string; alg: string; use: string }> {
  const { privateKey } = await generateKeyPair(signingAlgorithm, { extractable: true });
  const { kty, ...members } = await exportJWK(privateKey);
  return { ...members, kty: kty ?? 'EC', alg: signingAlgorithm, use: 'sig' };
}

function show(ctx: KoaContextWithOIDC, html: string): void {
  ctx.set({ ...pageHeaders });
  ctx.body = html;
}

function addressOf(input: string | URL | Request): string {
  return new URL(input instanceof Request ? input.url : input).href;
}

function documentResponse(document: object | undefined): Response {
  return document ? Response.json(document) : new Response(null, { status: 404 });
}
