import { expect, test } from '@jest/globals';
import { ClientClosedError, MemoryTokenStore } from '@mcp-oauth/core';
import {
  afterClients,
  oauthClientIdentifier,
  oauthClientModule,
  tokenStoreIdentifier,
  tokenStoreModule,
} from '@mcp-oauth/core/inversify';
import { Container, ContainerModule } from 'inversify';

const client = { client_name: 'Test host' };
const resource = 'https://mcp.example.com/mcp';

class CountedStore extends MemoryTokenStore {
  closed = 0;

  override close(): Promise<void> {
    this.closed += 1;
    return super.close();
  }
}

function containerOf(...modules: readonly ContainerModule[]): Container {
  const container = new Container();
  container.load(...modules);
  return container;
}

test('unbinding everything closes the client and the store of a module', async () => {
  const store = new CountedStore();
  const container = containerOf(
    oauthClientModule({ client }),
    tokenStoreModule(() => store),
  );
  const oauth = container.get(oauthClientIdentifier);
  await container.unbindAllAsync();
  expect(store.closed).toBe(1);
  expect(() => oauth.session({ resource })).toThrow(ClientClosedError);
  expect(container.isBound(oauthClientIdentifier)).toBe(false);
});

test('unloading the module of a store closes the client too, since it is of no use any more', async () => {
  const store = new CountedStore();
  const storage = tokenStoreModule(() => store);
  const container = containerOf(storage, oauthClientModule({ client }));
  const oauth = container.get(oauthClientIdentifier);
  await container.unloadAsync(storage);
  expect(store.closed).toBe(1);
  expect(() => oauth.session({ resource })).toThrow(ClientClosedError);
});

test('a store that nobody asked for is not made in order to be closed', async () => {
  let opened = 0;
  const container = containerOf(
    oauthClientModule({ client }),
    tokenStoreModule(() => {
      opened += 1;
      return new CountedStore();
    }),
  );
  await container.unbindAllAsync();
  expect(opened).toBe(0);
});

test('a store that the host binds is left open', async () => {
  const store = new CountedStore();
  const container = containerOf(oauthClientModule({ client }));
  container.bind(tokenStoreIdentifier).toConstantValue(store);
  const oauth = container.get(oauthClientIdentifier);
  await container.unbindAllAsync();
  expect(store.closed).toBe(0);
  expect(() => oauth.session({ resource })).toThrow(ClientClosedError);
});

test('a store of a module of the host closes after the client, too', async () => {
  const store = new CountedStore();
  const seen: string[] = [];
  const storage = new ContainerModule((options) => {
    options
      .bind(tokenStoreIdentifier)
      .toResolvedValue(() => store)
      .inSingletonScope()
      .onDeactivation(
        afterClients(options, async (mine) => {
          expect(() => oauth.session({ resource })).toThrow(ClientClosedError);
          await mine.close();
          seen.push('closed');
        }),
      );
  });
  const container = containerOf(storage, oauthClientModule({ client }));
  const oauth = container.get(oauthClientIdentifier);
  await container.unbindAsync(tokenStoreIdentifier);
  expect(seen).toEqual(['closed']);
  expect(store.closed).toBe(1);
});

test('a module that is loaded into two containers makes a store for each', async () => {
  const stores: CountedStore[] = [];
  const storage = tokenStoreModule(() => {
    const store = new CountedStore();
    stores.push(store);
    return store;
  });
  const modules = [oauthClientModule({ client }), storage];
  const [one, other] = [containerOf(...modules), containerOf(...modules)];
  one.get(oauthClientIdentifier);
  const survivor = other.get(oauthClientIdentifier);
  await one.unbindAllAsync();
  expect(stores.map(({ closed }) => closed)).toEqual([1, 0]);
  expect(await survivor.session({ resource }).status()).toMatchObject({ state: 'logged_out' });
});

test('unbindAll, which can wait for nothing, says which to use', async () => {
  const container = containerOf(
    oauthClientModule({ client }),
    tokenStoreModule(() => new CountedStore()),
  );
  container.get(oauthClientIdentifier);
  expect(() => {
    container.unbindAll();
  }).toThrow(/Consider using Container\.unbindAllAsync\(\) instead/);
  await container.unbindAllAsync();
});
