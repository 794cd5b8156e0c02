import { expect, test } from '@jest/globals';
import { MemoryTokenStore, OAuthClient } from '@mcp-oauth/core';
import type { FetchLike } from '@mcp-oauth/core';
import {
  browserIdentifier,
  fetchIdentifier,
  manyOwnersOAuthClientIdentifier,
  oauthClientIdentifier,
  oauthClientModule,
  tokenStoreIdentifier,
  tokenStoreModule,
} from '@mcp-oauth/core/inversify';
import { Container } from 'inversify';
import type { ContainerModule } from 'inversify';

const client = { client_name: 'Test host' };
const resource = 'https://mcp.example.com/mcp';
const memory = () => tokenStoreModule(() => new MemoryTokenStore());
const noFetch: FetchLike = () => Promise.reject(new Error('nothing is sent here'));

function containerOf(...modules: readonly ContainerModule[]): Container {
  const container = new Container();
  container.load(...modules);
  return container;
}

test('a token store is all that a client of one owner needs, and there is one client', () => {
  const container = containerOf(oauthClientModule({ client }), memory());
  const oauth = container.get(oauthClientIdentifier);
  expect(oauth).toBeInstanceOf(OAuthClient);
  expect(oauth.clientMetadata).toBe(client);
  expect(container.get(oauthClientIdentifier)).toBe(oauth);
});

test('the modules may be loaded in any order', () => {
  const container = containerOf(memory(), oauthClientModule({ client }));
  expect(container.get(oauthClientIdentifier)).toBeInstanceOf(OAuthClient);
});

test('without a token store Inversify says what is missing and for what', () => {
  const container = containerOf(oauthClientModule({ client }));
  expect(() => container.get(oauthClientIdentifier)).toThrow(
    /^No bindings found for service: "Symbol\(@mcp-oauth\/core\/TokenStore\)"\.\n\nTrying to resolve bindings for "Symbol\(@mcp-oauth\/core\/OAuthClient\)"\./,
  );
});

test('two token stores are ambiguous, and Inversify names both', () => {
  const container = containerOf(oauthClientModule({ client }), memory(), memory());
  expect(() => container.get(oauthClientIdentifier)).toThrow(
    /^Ambiguous bindings found for service: "Symbol\(@mcp-oauth\/core\/TokenStore\)"\.\n\nRegistered bindings:\n(\n\[.*TokenStore.*scope: "Singleton" \]){2}\n/,
  );
});

test('rebind puts another store in the place of a store that is then never made', () => {
  const mine = new MemoryTokenStore();
  const container = containerOf(
    oauthClientModule({ client }),
    tokenStoreModule(() => {
      throw new Error('the store was made');
    }),
  );
  container.rebind(tokenStoreIdentifier).toConstantValue(mine);
  expect(container.get(tokenStoreIdentifier)).toBe(mine);
  expect(container.get(oauthClientIdentifier)).toBeInstanceOf(OAuthClient);
});

test('the client of many owners has an identifier of its own, and refuses a call without an owner', async () => {
  const container = containerOf(oauthClientModule({ client, owners: 'many' }), memory());
  container.bind(fetchIdentifier).toConstantValue(noFetch);
  const oauth = container.get(manyOwnersOAuthClientIdentifier);
  expect(container.get(manyOwnersOAuthClientIdentifier)).toBe(oauth);
  expect(oauth.fetch).toBe(noFetch);
  expect(await oauth.session({ resource, owner: 'alice' }).status()).toMatchObject({ state: 'logged_out' });
  // @ts-expect-error -- the owner is missing
  expect(() => oauth.session({ resource })).toThrow(/many owners/);
  expect(() => container.get(oauthClientIdentifier)).toThrow(
    /^No bindings found for service: "Symbol\(@mcp-oauth\/core\/OAuthClient\)"/,
  );
});

test('the client of one owner is not there for who names owners', () => {
  const container = containerOf(oauthClientModule({ client }), memory());
  const oauth = container.get(oauthClientIdentifier);
  // @ts-expect-error -- there is a single owner
  expect(() => oauth.session({ resource, owner: 'alice' })).toThrow(/single owner/);
  expect(() => container.get(manyOwnersOAuthClientIdentifier)).toThrow(
    /^No bindings found for service: "Symbol\(@mcp-oauth\/core\/ManyOwnersOAuthClient\)"/,
  );
});

test('with many owners a fetch has to be bound, before anything is opened', () => {
  let opened = 0;
  const container = containerOf(
    oauthClientModule({ client, owners: 'many' }),
    tokenStoreModule(() => {
      opened += 1;
      return new MemoryTokenStore();
    }),
  );
  expect(() => container.get(manyOwnersOAuthClientIdentifier)).toThrow(
    /^No bindings found for service: "Symbol\(@mcp-oauth\/core\/Fetch\)"/,
  );
  expect(opened).toBe(0);
});

test('what createOAuthClient refuses, the container refuses with the same error', () => {
  const container = containerOf(oauthClientModule({ client, secret: new Uint8Array(8) }), memory());
  expect(() => container.get(oauthClientIdentifier)).toThrow(
    expect.objectContaining({ code: 'invalid_config' }),
  );
});

test('a store that opens in time is awaited by getAsync, once, and is there for get afterwards', async () => {
  let opened = 0;
  const container = containerOf(
    oauthClientModule({ client }),
    tokenStoreModule(async () => {
      opened += 1;
      await Promise.resolve();
      return new MemoryTokenStore();
    }),
  );
  const [oauth, same] = await Promise.all([
    container.getAsync(oauthClientIdentifier),
    container.getAsync(oauthClientIdentifier),
  ]);
  expect(same).toBe(oauth);
  expect(container.get(oauthClientIdentifier)).toBe(oauth);
  expect(opened).toBe(1);
});

test('get says that a store which opens in time has to be awaited', async () => {
  const container = containerOf(
    oauthClientModule({ client }),
    tokenStoreModule(() => Promise.resolve(new MemoryTokenStore())),
  );
  expect(() => container.get(oauthClientIdentifier)).toThrow(
    'Unexpected asynchronous service when resolving service "Symbol(@mcp-oauth/core/OAuthClient)"',
  );
  expect(await container.getAsync(oauthClientIdentifier)).toBeInstanceOf(OAuthClient);
});

test('what the container gives has its type, and what does not fit is not bound', () => {
  const container = containerOf(oauthClientModule({ client }), memory());
  const oauth: OAuthClient = container.get(oauthClientIdentifier);
  expect(oauth).toBeDefined();
  const wrong = () => {
    // @ts-expect-error -- a token store is no browser
    container.bind(browserIdentifier).toConstantValue(new MemoryTokenStore());
    // @ts-expect-error -- nor is a text a token store
    container.bind(tokenStoreIdentifier).toConstantValue('file:/tokens');
    // @ts-expect-error -- the client of one owner is not the client of many
    const many: OAuthClient<'many'> = container.get(oauthClientIdentifier);
    // @ts-expect-error -- and the other way round
    const single: OAuthClient = container.get(manyOwnersOAuthClientIdentifier);
    // @ts-expect-error -- ports are bindings
    oauthClientModule({ client, store: new MemoryTokenStore() });
    // @ts-expect-error -- so is the fetch
    oauthClientModule({ client, owners: 'many', fetch: noFetch });
    // @ts-expect-error -- a module makes a token store
    tokenStoreModule(() => client);
    // @ts-expect-error -- dependencies of the user's own factories are inferred
    container.bind('own').toResolvedValue((store: OAuthClient) => store, [tokenStoreIdentifier]);
    return [many, single];
  };
  expect(wrong).toBeInstanceOf(Function);
});
