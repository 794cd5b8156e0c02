import { AuthorizationFlow } from './authorization/authorization-flow.js';
import type { AuthorizationFlowOptions } from './authorization/authorization-flow.js';
import { InteractiveLogin } from './authorization/interactive-login.js';
import { PendingAuthorizations } from './authorization/pending-authorization.js';
import { DeviceLogin } from './device/device-login.js';
import { Dpop } from './dpop/dpop.js';
import type { DpopOption } from './dpop/dpop.js';
import { InvalidConfigError } from './errors.js';
import { emitter } from './events.js';
import type { OnEvent } from './events.js';
import { HealthCheck } from './health/health-check.js';
import type { FetchLike } from './http/bounded-request.js';
import { OAuthHttp } from './http/oauth-http.js';
import { IdentityAssertions } from './machine-login/identity-assertions.js';
import { MachineTokens } from './machine-login/machine-tokens.js';
import { RecentFailures } from './machine-login/recent-failures.js';
import { MachineLogin } from './machine-login/machine-login.js';
import { OAuthClient } from './oauth-client.js';
import type { Owners } from './oauth-client.js';
import type { Browser } from './ports/browser.js';
import type { CallbackListener } from './ports/callback-listener.js';
import type { DevicePrompt } from './ports/device-prompt.js';
import type { ProcessIdentity } from './ports/process-identity.js';
import type { RedirectPrompt } from './ports/redirect-prompt.js';
import type { TokenStore } from './ports/token-store.js';
import { DeviceAuthorizationEndpoint } from './protocol/device-authorization-endpoint.js';
import { PushedAuthorizationEndpoint } from './protocol/pushed-authorization-endpoint.js';
import { RevocationEndpoint } from './protocol/revocation-endpoint.js';
import { TokenEndpoint } from './protocol/token-endpoint.js';
import { ClientKeyring } from './registration/client-keys.js';
import type { ClientKey } from './registration/client-key.js';
import type { ClientMetadata } from './registration/client-metadata.js';
import type { ClientMetadataDocument } from './registration/client-metadata-document.js';
import { publishedClient } from './registration/published-client.js';
import type { PublishedClient } from './registration/published-client.js';
import { tellingTrouble } from './record/store-trouble.js';
import { ClientRegistrar } from './registration/client-registration.js';
import { IssuerBindings } from './registration/issuer-bindings.js';
import { RegistrationRepository } from './registration/registration-repository.js';
import { revokeGrant } from './revocation/revocation.js';
import { StoreSecret } from './session-key/store-secret.js';
import { OwnerSessions } from './session/owner-sessions.js';
import { SessionRegistry } from './session/session-registry.js';
import { systemClock } from './time/clock.js';
import { refreshTiming } from './token/refresh-timing.js';
import type { RefreshOptions } from './token/refresh-timing.js';

const MIN_SECRET_BYTES = 32;
const LOGIN_TIMEOUT_MS = 5 * 60_000;
const DEVICE_LOGIN_TIMEOUT_MS = 15 * 60_000;

/**
 * With one owner the runtime's own `fetch` is the default. A host of many asks servers that strangers name, from inside
 * its own network, so it says which `fetch` does that: `guardedFetch()` of `@mcp-oauth/node`, or what its platform has.
 */
export type FetchOption<O extends Owners> = O extends 'many'
  ? { readonly fetch: FetchLike }
  : { readonly fetch?: FetchLike };

export type OAuthClientOptions<O extends Owners = 'single'> = OAuthClientSettings<O> & FetchOption<O>;

export interface OAuthClientSettings<O extends Owners = 'single'> {
  /** Where credentials are kept. The client never closes it. */
  readonly store: TokenStore;
  /** Whether one person uses this host, or many. Default `single`. */
  readonly owners?: O;
  /** How this host presents itself to authorization servers, and through them to the person. */
  readonly client: ClientMetadata;
  /** The https address of this host's Client ID Metadata Document, if it publishes one. */
  readonly clientMetadataUrl?: string;
  /**
   * Instead of its address: the document itself, as `clientMetadataDocument()` made it. Callbacks then come to the
   * addresses that it lists, and none that it doesn't list is tried.
   */
  readonly clientMetadataDocument?: ClientMetadataDocument;
  /**
   * This host's own private key, whose public half its metadata document names: it then proves itself by
   * `private_key_jwt` wherever it presents that document. Needs `clientMetadataUrl`.
   */
  readonly clientKey?: ClientKey;
  /**
   * Tokens are bound to a key (DPoP, RFC 9449) where both the MCP server and its authorization server offer that. By
   * default each login has a key of its own, kept with its tokens in the store. Or `'never'`, or a key pair of the host's
   * own, which may be one that can't be read: it is not stored, and logins that are bound to it are of no use without it.
   */
  readonly dpop?: DpopOption;
  /** Shows pages to the person at this machine. */
  readonly browser?: Browser;
  /** Receives the person's way back from the authorization server. */
  readonly callbackListener?: CallbackListener;
  /** Asks for the way back where there is no browser. */
  readonly redirectPrompt?: RedirectPrompt;
  /**
   * Shows a code to log in with on another device (RFC 8628): where there is no browser, and before `redirectPrompt`, if
   * the server has that.
   */
  readonly devicePrompt?: DevicePrompt;
  /** Lets the death of another process on this machine be noticed at once. */
  readonly processIdentity?: ProcessIdentity;
  /**
   * How long a person may take to log in, in milliseconds. Default 5 minutes, and 15 on another device, where it is never
   * longer than the code is good.
   */
  readonly loginTimeoutMs?: number;
  readonly refresh?: RefreshOptions;
  /**
   * At least 32 random bytes, the same in every process: hides owners in the store's key space and seals `state`.
   * Without it the store keeps a random one.
   */
  readonly secret?: Uint8Array;
  /** Unix time in milliseconds. Default `Date.now`. */
  readonly now?: () => number;
  readonly onEvent?: OnEvent;
}

/**
 * Makes the OAuth client of a host. The only place that knows how its parts fit together.
 *
 * @throws {InvalidConfigError}
 */
export function createOAuthClient<const O extends Owners = 'single'>(
  options: OAuthClientOptions<O>,
): OAuthClient<O> {
  const { secret } = options;
  const owners = options.owners ?? 'single';
  if (secret && secret.byteLength < MIN_SECRET_BYTES) {
    throw new InvalidConfigError(`secret must have at least ${String(MIN_SECRET_BYTES)} bytes.`);
  }
  if (owners === 'many' && !options.fetch) {
    throw new InvalidConfigError(
      'With many owners, say which fetch asks the servers that they name: guardedFetch() of @mcp-oauth/node.',
    );
  }
  const emit = emitter(options.onEvent);
  const store = tellingTrouble(options.store, ({ kind }) => {
    emit({ type: 'store_trouble', kind, unsaved: false });
  });
  const fetch: FetchLike = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  const clock = systemClock(options.now);
  const http = new OAuthHttp(fetch, clock);
  const timing = refreshTiming(options.refresh);
  const published = publishedClient(options);
  const keyring = clientKeyring(published, options.clientKey);
  const dpop = new Dpop(clock, options.dpop);
  const endpoint = new TokenEndpoint(http, clock, dpop);
  const revocation = new RevocationEndpoint(http);
  const storeSecret = new StoreSecret(store, secret);
  const pendings = new PendingAuthorizations(store, clock);
  const registrations = new RegistrationRepository(store);
  const bindings = new IssuerBindings(store);
  const identity = options.processIdentity;
  const discard: AuthorizationFlowOptions['discard'] = async (grant, keys) => {
    await revokeGrant(revocation, grant, keys);
  };
  const onClientRejected = (issuer: string, clientId: string): Promise<void> =>
    registrations.discard(issuer, clientId);
  const registrar = new ClientRegistrar({
    http,
    clock,
    identity,
    endpoint,
    emit,
    repository: registrations,
    bindings,
    metadata: options.client,
    published,
    keys: keyring.host,
  });
  const flow = new AuthorizationFlow({
    secret: storeSecret,
    pendings,
    endpoint,
    pushedAuthorization: new PushedAuthorizationEndpoint(http),
    clock,
    timeoutMs: timing.timeoutMs,
    discard,
    onClientRejected,
  });
  const { timeoutMs } = timing;
  const loginParts = {
    fetch,
    http,
    clock,
    flow,
    registrar,
    identity,
    timeoutMs: options.loginTimeoutMs ?? LOGIN_TIMEOUT_MS,
  };
  const deviceLogin = new DeviceLogin({
    ...loginParts,
    endpoint,
    deviceEndpoint: new DeviceAuthorizationEndpoint(http),
    prompt: options.devicePrompt,
    codeTimeoutMs: options.loginTimeoutMs ?? DEVICE_LOGIN_TIMEOUT_MS,
    requestTimeoutMs: timeoutMs,
    onClientRejected,
  });
  const login = new InteractiveLogin({
    ...loginParts,
    browser: options.browser,
    prompt: options.redirectPrompt,
    listener: options.callbackListener,
    device: deviceLogin,
    pendings,
  });
  const machineLogin = new MachineLogin({
    tokens: new MachineTokens({
      fetch,
      http,
      registrar,
      endpoint,
      timeoutMs,
      assertions: new IdentityAssertions(http, endpoint, clock, timeoutMs),
    }),
    flow,
    clock,
    identity,
    timeoutMs,
    failures: new RecentFailures(clock),
  });
  const registry = new SessionRegistry({
    store,
    secret: storeSecret,
    endpoint,
    dpop,
    clock,
    identity,
    timing,
    emit,
    registrar,
    keyring,
    discard,
    onClientRejected,
  });
  return new OAuthClient<O>({
    owners,
    metadata: options.client,
    registry,
    owned: new OwnerSessions({ store, revocation, registry, keyring, clock, emit }),
    emit,
    fetch,
    http,
    host: { keyring, metadataUrl: published?.client_id, hasKey: options.clientKey !== undefined },
    revocation,
    clock,
    flow,
    registrar,
    registrations,
    bindings,
    pendings,
    login,
    deviceLogin,
    machineLogin,
    healthCheck: new HealthCheck({ store, secret: storeSecret, fetch, clock, registrar, dpop }),
    browser: options.browser,
    callbackListener: options.callbackListener,
  });
}

function clientKeyring(
  published: PublishedClient | undefined,
  clientKey: ClientKey | undefined,
): ClientKeyring {
  if (!clientKey) return new ClientKeyring();
  if (!published) {
    throw new InvalidConfigError('clientKey belongs to the client of clientMetadataUrl, which is not set.');
  }
  return new ClientKeyring({ clientId: published.client_id, key: clientKey });
}
