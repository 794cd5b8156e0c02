import type { TokenStore } from '@mcp-oauth/core';
import { afterClients, tokenStoreIdentifier, tokenStoreModule } from '@mcp-oauth/core/inversify';
import { openTokenStore } from '@mcp-oauth/open-store';
import { ContainerModule } from 'inversify';
import type { Newable } from 'inversify';

export function configuredStorageModule(address: string): ContainerModule {
  return tokenStoreModule(() => openTokenStore(address));
}

export function decoratedStorageModule(MyTokenStore: Newable<TokenStore>): ContainerModule {
  return new ContainerModule((container) => {
    container
      .bind(tokenStoreIdentifier)
      .to(MyTokenStore)
      .inSingletonScope()
      .onDeactivation(afterClients(container, (store) => store.close()));
  });
}
