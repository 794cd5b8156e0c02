import type { ServiceIdentifier } from 'inversify';
import type { TransportFactory } from './v1/transport-factory.js';

/** The transport factory of a host with a single owner. */
export const transportFactoryIdentifier: ServiceIdentifier<TransportFactory> = Symbol.for(
  '@mcp-oauth/transport-factory/TransportFactory',
);

/** The transport factory of a host with `owners: 'many'`. */
export const manyOwnersTransportFactoryIdentifier: ServiceIdentifier<TransportFactory<'many'>> = Symbol.for(
  '@mcp-oauth/transport-factory/ManyOwnersTransportFactory',
);
