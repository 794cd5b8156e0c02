import { createOAuthClient } from '@mcp-oauth/core';
import type {
  Browser,
  CallbackListener,
  DevicePrompt,
  FetchLike,
  OAuthClient,
  Owners,
  ProcessIdentity,
  RedirectPrompt,
} from '@mcp-oauth/core';
import {
  browserIdentifier,
  callbackListenerIdentifier,
  devicePromptIdentifier,
  fetchIdentifier,
  manyOwnersOAuthClientIdentifier,
  oauthClientIdentifier,
  oauthClientModule,
  processIdentityIdentifier,
  redirectPromptIdentifier,
} from '@mcp-oauth/core/inversify';
import type { OAuthClientModuleOptions } from '@mcp-oauth/core/inversify';
import { guardedFetch } from '@mcp-oauth/node';
import { guardedFetchModule } from '@mcp-oauth/node/inversify';
import { createTransportFactory } from '@mcp-oauth/transport-factory';
import type { TransportFactory } from '@mcp-oauth/transport-factory';
import {
  manyOwnersTransportFactoryIdentifier,
  transportFactoryIdentifier,
  transportFactoryModule,
} from '@mcp-oauth/transport-factory/inversify';
import { Container } from 'inversify';
import type { Storage } from './storage.js';

export interface HostPorts {
  readonly browser?: Browser;
  readonly callbackListener?: CallbackListener;
  readonly redirectPrompt?: RedirectPrompt;
  readonly devicePrompt?: DevicePrompt;
  readonly processIdentity?: ProcessIdentity;
  readonly fetch?: FetchLike;
}

export type HostSettings = Omit<OAuthClientModuleOptions, 'client' | 'owners'>;

/** One process of a host, wired. */
export interface Host<O extends Owners> {
  readonly oauth: OAuthClient<O>;
  readonly transports: TransportFactory<O>;
  /** Ends what was made for this host, and not the storage. */
  close(): Promise<void>;
}

/** A way to put a host together. */
export interface Wiring {
  single(storage: Storage, ports?: HostPorts, settings?: HostSettings): Promise<Host<'single'>>;
  /** Over a guarded fetch, since strangers name the servers. */
  many(storage: Storage, allowedOrigins: readonly string[]): Promise<Host<'many'>>;
}

const client = { client_name: 'Wired host' };

const factories: Wiring = {
  async single(storage, ports, settings) {
    const store = await storage.open();
    const oauth = createOAuthClient({ store, client, ...ports, ...settings });
    return hostOf(oauth, [store]);
  },
  async many(storage, allowedOrigins) {
    const store = await storage.open();
    const fetch = guardedFetch({ allowedOrigins });
    const oauth = createOAuthClient({ owners: 'many', store, client, fetch });
    return hostOf(oauth, [fetch, store]);
  },
};

const inversify: Wiring = {
  async single(storage, ports = {}, settings = {}) {
    const container = containerOf(storage, ports, { client, ...settings });
    return {
      oauth: await container.getAsync(oauthClientIdentifier),
      transports: container.get(transportFactoryIdentifier),
      close: () => container.unbindAllAsync(),
    };
  },
  async many(storage, allowedOrigins) {
    const container = containerOf(storage, {}, { client, owners: 'many' });
    container.load(guardedFetchModule({ allowedOrigins }));
    return {
      oauth: await container.getAsync(manyOwnersOAuthClientIdentifier),
      transports: container.get(manyOwnersTransportFactoryIdentifier),
      close: () => container.unbindAllAsync(),
    };
  },
};

export const wirings = { factories, inversify };

function hostOf<O extends Owners>(
  oauth: OAuthClient<O>,
  parts: readonly { close(): Promise<void> }[],
): Host<O> {
  return {
    oauth,
    transports: createTransportFactory({ oauth }),
    close: async () => {
      await oauth.close();
      for (const part of parts) await part.close();
    },
  };
}

function containerOf(storage: Storage, ports: HostPorts, options: OAuthClientModuleOptions): Container {
  const container = new Container();
  container.load(storage.module(), oauthClientModule(options), transportFactoryModule());
  const { browser, callbackListener, redirectPrompt, devicePrompt, processIdentity, fetch } = ports;
  if (browser) container.bind(browserIdentifier).toConstantValue(browser);
  if (callbackListener) container.bind(callbackListenerIdentifier).toConstantValue(callbackListener);
  if (redirectPrompt) container.bind(redirectPromptIdentifier).toConstantValue(redirectPrompt);
  if (devicePrompt) container.bind(devicePromptIdentifier).toConstantValue(devicePrompt);
  if (processIdentity) container.bind(processIdentityIdentifier).toConstantValue(processIdentity);
  if (fetch) container.bind(fetchIdentifier).toConstantValue(fetch);
  return container;
}
