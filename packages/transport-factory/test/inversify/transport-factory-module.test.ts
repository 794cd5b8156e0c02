import { describe, expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import { fetchIdentifier, oauthClientModule, tokenStoreModule } from '@mcp-oauth/core/inversify';
import * as v1 from '@mcp-oauth/transport-factory';
import * as v1Module from '@mcp-oauth/transport-factory/inversify';
import * as v2 from '@mcp-oauth/transport-factory/v2';
import * as v2Module from '@mcp-oauth/transport-factory/v2/inversify';
import { Container } from 'inversify';

const client = { client_name: 'Test host' };
const config = { type: 'http', url: 'https://mcp.example.com/mcp', auth: { type: 'oauth' } } as const;

function containerOf(owners: 'single' | 'many'): Container {
  const container = new Container();
  container.load(
    v1Module.transportFactoryModule(),
    v2Module.transportFactoryModule(),
    oauthClientModule({ client, owners }),
    tokenStoreModule(() => new MemoryTokenStore()),
  );
  container.bind(fetchIdentifier).toConstantValue(() => Promise.reject(new Error('nothing is sent here')));
  return container;
}

describe.each([
  ['v1', v1, v1Module],
  ['v2', v2, v2Module],
] as const)('SDK %s', (_name, { TransportFactory }, entry) => {
  test('a host of one owner gets a factory that asks for none', () => {
    const container = containerOf('single');
    const factory = container.get<v1.TransportFactory | v2.TransportFactory>(
      entry.transportFactoryIdentifier,
    );
    expect(factory).toBeInstanceOf(TransportFactory);
    expect(container.get(entry.transportFactoryIdentifier)).toBe(factory);
    expect(factory.create(config)).toBeDefined();
    // @ts-expect-error -- there is a single owner
    expect(() => factory.create(config, { owner: 'alice' })).toThrow(/single owner/);
    expect(() => container.get(entry.manyOwnersTransportFactoryIdentifier)).toThrow(
      /^No bindings found for service: "Symbol\(@mcp-oauth\/core\/ManyOwnersOAuthClient\)"/,
    );
  });

  test('a host of many owners gets a factory that refuses to go without', () => {
    const container = containerOf('many');
    const factory = container.get<v1.TransportFactory<'many'> | v2.TransportFactory<'many'>>(
      entry.manyOwnersTransportFactoryIdentifier,
    );
    expect(factory).toBeInstanceOf(TransportFactory);
    expect(container.get(entry.manyOwnersTransportFactoryIdentifier)).toBe(factory);
    expect(factory.create(config, { owner: 'alice' })).toBeDefined();
    // @ts-expect-error -- the owner is missing
    expect(() => factory.create(config)).toThrow(/many owners/);
    expect(() => container.get(entry.transportFactoryIdentifier)).toThrow(
      /^No bindings found for service: "Symbol\(@mcp-oauth\/core\/OAuthClient\)"/,
    );
  });
});

test('a container may hold the factories of both SDKs', () => {
  const container = containerOf('single');
  const first = container.get(v1Module.transportFactoryIdentifier);
  const second = container.get(v2Module.transportFactoryIdentifier);
  expect(first).toBeInstanceOf(v1.TransportFactory);
  expect(second).toBeInstanceOf(v2.TransportFactory);
  expect(second).not.toBeInstanceOf(v1.TransportFactory);
});
