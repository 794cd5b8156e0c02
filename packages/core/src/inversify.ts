import { ContainerModule } from 'inversify';
import type { ContainerModuleLoadOptions, ServiceIdentifier } from 'inversify';
import { createOAuthClient } from './create-oauth-client.js';
import type { OAuthClientSettings } from './create-oauth-client.js';
import type { FetchLike } from './http/bounded-request.js';
import type { OAuthClient, Owners } from './oauth-client.js';
import type { Browser } from './ports/browser.js';
import type { CallbackListener } from './ports/callback-listener.js';
import type { DevicePrompt } from './ports/device-prompt.js';
import type { ProcessIdentity } from './ports/process-identity.js';
import type { RedirectPrompt } from './ports/redirect-prompt.js';
import type { TokenStore } from './ports/token-store.js';
import {
  browserIdentifier,
  callbackListenerIdentifier,
  devicePromptIdentifier,
  fetchIdentifier,
  manyOwnersOAuthClientIdentifier,
  oauthClientIdentifier,
  processIdentityIdentifier,
  redirectPromptIdentifier,
  tokenStoreIdentifier,
} from './service-identifiers.js';

export {
  browserIdentifier,
  callbackListenerIdentifier,
  devicePromptIdentifier,
  fetchIdentifier,
  manyOwnersOAuthClientIdentifier,
  oauthClientIdentifier,
  processIdentityIdentifier,
  redirectPromptIdentifier,
  tokenStoreIdentifier,
};

type Port = 'store' | 'browser' | 'callbackListener' | 'redirectPrompt' | 'devicePrompt' | 'processIdentity';

/** What `createOAuthClient` takes, without the ports: these are bindings. */
export type OAuthClientModuleOptions = Omit<OAuthClientSettings<Owners>, Port>;

/** In the order of their injections. */
type OptionalPorts = [
  browser: Browser | undefined,
  callbackListener: CallbackListener | undefined,
  redirectPrompt: RedirectPrompt | undefined,
  devicePrompt: DevicePrompt | undefined,
  processIdentity: ProcessIdentity | undefined,
];

/**
 * Binds the client that `createOAuthClient` makes of the ports in the container: to `oauthClientIdentifier`, and with
 * `owners: 'many'` to `manyOwnersOAuthClientIdentifier`. Singleton, made when it is first asked for, closed when it is
 * unbound.
 *
 * A token store has to be bound, and with `owners: 'many'` a `fetch`. A browser, a callback listener, a redirect prompt, a
 * device prompt and a process identity are taken if they are bound.
 */
export function oauthClientModule({
  owners = 'single',
  ...settings
}: OAuthClientModuleOptions): ContainerModule {
  return new ContainerModule(({ bind }) => {
    if (owners === 'many') {
      bind(manyOwnersOAuthClientIdentifier)
        .toResolvedValue(
          (store: TokenStore, fetch: FetchLike, ...ports: OptionalPorts) =>
            createOAuthClient({ ...settings, owners, store, fetch, ...bound(ports) }),
          [tokenStoreIdentifier, fetchIdentifier, ...optionalPorts],
        )
        .inSingletonScope()
        .onDeactivation((oauth) => oauth.close());
    } else {
      bind(oauthClientIdentifier)
        .toResolvedValue(
          (store: TokenStore, fetch: FetchLike | undefined, ...ports: OptionalPorts) =>
            createOAuthClient({ ...settings, owners, store, ...(fetch && { fetch }), ...bound(ports) }),
          [tokenStoreIdentifier, optional(fetchIdentifier), ...optionalPorts],
        )
        .inSingletonScope()
        .onDeactivation((oauth) => oauth.close());
    }
  });
}

/**
 * Binds the token store that `open` makes to `tokenStoreIdentifier`: for a store that has no module of its own.
 * Singleton, made when it is first asked for, closed when it is unbound, after the clients. If `open` gives a promise,
 * the first to ask has to use `getAsync`.
 */
export function tokenStoreModule(open: () => TokenStore | Promise<TokenStore>): ContainerModule {
  return new ContainerModule((container) => {
    container
      .bind(tokenStoreIdentifier)
      .toResolvedValue(open)
      .inSingletonScope()
      .onDeactivation(afterClients(container, (store) => store.close()));
  });
}

/**
 * A deactivation for what a client needs to its end: closes the clients that were made in the container, which lets
 * their refreshes finish and be stored, and then the value. `unbindAllAsync` alone begins with everything at once.
 */
export function afterClients<T>(
  { onActivation }: ContainerModuleLoadOptions,
  close: (value: T) => Promise<void>,
): (value: T) => Promise<void> {
  const clients = new Set<OAuthClient<Owners>>();
  const noted = <O extends Owners>(_context: unknown, oauth: OAuthClient<O>): OAuthClient<O> => {
    clients.add(oauth);
    return oauth;
  };
  onActivation(oauthClientIdentifier, noted<'single'>);
  onActivation(manyOwnersOAuthClientIdentifier, noted<'many'>);
  return async (value) => {
    await Promise.all([...clients].map((oauth) => oauth.close()));
    await close(value);
  };
}

function optional<T>(serviceIdentifier: ServiceIdentifier<T>) {
  return { serviceIdentifier, optional: true } as const;
}

const optionalPorts = [
  optional(browserIdentifier),
  optional(callbackListenerIdentifier),
  optional(redirectPromptIdentifier),
  optional(devicePromptIdentifier),
  optional(processIdentityIdentifier),
] as const;

function bound([browser, callbackListener, redirectPrompt, devicePrompt, processIdentity]: OptionalPorts) {
  return {
    ...(browser && { browser }),
    ...(callbackListener && { callbackListener }),
    ...(redirectPrompt && { redirectPrompt }),
    ...(devicePrompt && { devicePrompt }),
    ...(processIdentity && { processIdentity }),
  };
}
