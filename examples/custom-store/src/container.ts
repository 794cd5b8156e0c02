import {
  afterClients,
  browserIdentifier,
  callbackListenerIdentifier,
  oauthClientModule,
  tokenStoreIdentifier,
} from '@mcp-oauth/core/inversify';
import type { Browser, OnEvent } from '@mcp-oauth/core';
import { LoopbackCallbackListener } from '@mcp-oauth/node';
import { Container, ContainerModule } from 'inversify';
import { createPool } from './pool.js';
import { PostgresTokenStore } from './postgres-token-store.js';
import { poolIdentifier } from './service-identifiers.js';

/** Binds the store, and the connections that it needs. Unbinding closes both, after the clients. */
function postgresStorageModule(connectionString: string): ContainerModule {
  return new ContainerModule((container) => {
    const pool = createPool(connectionString);
    container.bind(poolIdentifier).toConstantValue(pool);
    container
      .bind(tokenStoreIdentifier)
      .to(PostgresTokenStore)
      .inSingletonScope()
      .onDeactivation(
        afterClients(container, async (store) => {
          await store.close();
          await pool.end();
        }),
      );
  });
}

export interface HostPorts {
  /** Without one nobody can log in here: a login of another process is used. */
  readonly browser?: Browser;
  readonly onEvent?: OnEvent;
}

/** What a host of one person has to wire. Ask it for `oauthClientIdentifier`; `unbindAllAsync` closes everything. */
export function createContainer(connectionString: string, { browser, ...observers }: HostPorts): Container {
  const container = new Container();
  container.load(
    postgresStorageModule(connectionString),
    oauthClientModule({ client: { client_name: 'The custom store example' }, ...observers }),
  );
  if (browser) {
    container.bind(browserIdentifier).toConstantValue(browser);
    container.bind(callbackListenerIdentifier).toConstantValue(new LoopbackCallbackListener());
  }
  return container;
}
