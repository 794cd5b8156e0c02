import { expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import { fetchIdentifier, oauthClientModule, tokenStoreModule } from '@mcp-oauth/core/inversify';
import { TransportFactory } from '@mcp-oauth/transport-factory';
import {
  manyOwnersTransportFactoryIdentifier,
  transportFactoryIdentifier,
  transportFactoryModule,
} from '@mcp-oauth/transport-factory/inversify';
import { Container } from 'inversify';

const client = { client_name: 'Test host' };
const config = { type: 'http', url: 'https://mcp.example.com/mcp', auth: { type: 'oauth' } } as const;

function containerOf(owners: 'single' | 'many'): Container {
  const container = new Container();
  container.load(
    transportFactoryModule(),
    oauthClientModule({ client, owners }),
    tokenStoreModule(() => new MemoryTokenStore()),
  );
  container.bind(fetchIdentifier).toConstantValue(() => Promise.reject(new Error('nothing is sent here')));
  return container;
}

test('a host of one owner gets a factory that asks for none', () => {
  const container = containerOf('single');
  const factory: TransportFactory = container.get(transportFactoryIdentifier);
  expect(factory).toBeInstanceOf(TransportFactory);
  expect(container.get(transportFactoryIdentifier)).toBe(factory);
  expect(factory.create(config)).toBeDefined();
  // @ts-expect-error -- there is a single owner
  expect(() => factory.create(config, { owner: 'alice' })).toThrow(/single owner/);
  expect(() => container.get(manyOwnersTransportFactoryIdentifier)).toThrow(
    /^No bindings found for service: "Symbol\(@mcp-oauth\/core\/ManyOwnersOAuthClient\)"/,
  );
});

test('a host of many owners gets a factory that refuses to go without', () => {
  const container = containerOf('many');
  const factory: TransportFactory<'many'> = container.get(manyOwnersTransportFactoryIdentifier);
  expect(container.get(manyOwnersTransportFactoryIdentifier)).toBe(factory);
  expect(factory.create(config, { owner: 'alice' })).toBeDefined();
  // @ts-expect-error -- the owner is missing
  expect(() => factory.create(config)).toThrow(/many owners/);
  expect(() => container.get(transportFactoryIdentifier)).toThrow(
    /^No bindings found for service: "Symbol\(@mcp-oauth\/core\/OAuthClient\)"/,
  );
});
