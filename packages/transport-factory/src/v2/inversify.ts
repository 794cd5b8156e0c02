import { manyOwnersOAuthClientIdentifier, oauthClientIdentifier } from '@mcp-oauth/core/inversify';
import { ContainerModule } from 'inversify';
import { manyOwnersTransportFactoryIdentifier, transportFactoryIdentifier } from './service-identifiers.js';
import { createTransportFactory } from './transport-factory.js';

export { manyOwnersTransportFactoryIdentifier, transportFactoryIdentifier };

/**
 * Binds the transport factory of the client in the container: `transportFactoryIdentifier` for a single owner,
 * `manyOwnersTransportFactoryIdentifier` for `owners: 'many'`. Singletons; the one whose client is not bound can't be
 * resolved. Transports are closed by those who made them.
 */
export function transportFactoryModule(): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(transportFactoryIdentifier)
      .toResolvedValue((oauth) => createTransportFactory({ oauth }), [oauthClientIdentifier])
      .inSingletonScope();
    bind(manyOwnersTransportFactoryIdentifier)
      .toResolvedValue((oauth) => createTransportFactory({ oauth }), [manyOwnersOAuthClientIdentifier])
      .inSingletonScope();
  });
}
