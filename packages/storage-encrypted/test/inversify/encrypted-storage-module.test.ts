import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import { tokenStoreIdentifier, tokenStoreModule } from '@mcp-oauth/core/inversify';
import { encrypted, keyRing } from '@mcp-oauth/storage-encrypted';
import { encryptedRecordsIdentifier, encryptedStorageModule } from '@mcp-oauth/storage-encrypted/inversify';
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import { fileStorageModule } from '@mcp-oauth/storage-fs/inversify';
import { Container, ContainerModule } from 'inversify';
import { at, filesWith, freshDirectory, key, put, textAt } from '../support/stores.js';

const keys = keyRing([key('one')]);
const secret = 'the refresh token of Ada';

function containerWith(storage: ContainerModule): Container {
  const container = new Container();
  container.load(encryptedStorageModule({ keys, storage }));
  return container;
}

test('the only token store of the container encrypts, and what is encrypted is kept by the other module', async () => {
  const directory = join(freshDirectory(), 'store');
  const container = containerWith(fileStorageModule({ directory }));
  const store = container.get(tokenStoreIdentifier);
  expect(container.get(tokenStoreIdentifier)).toBe(store);
  await put(store, secret);
  expect(filesWith(directory, ['one'])).toHaveLength(1);
  expect(filesWith(directory, [secret])).toEqual([]);
  const below = container.get(encryptedRecordsIdentifier);
  expect(below).toBeInstanceOf(FileTokenStore);
  expect(await textAt(below)).not.toContain(secret);
  expect(await textAt(encrypted(new FileTokenStore({ directory }), keys))).toBe(secret);
});

test('a store that opens in time is awaited', async () => {
  const inner = new MemoryTokenStore();
  const container = containerWith(tokenStoreModule(() => Promise.resolve(inner)));
  const store = await container.getAsync(tokenStoreIdentifier);
  await put(store, secret);
  expect(await textAt(inner)).not.toContain(secret);
  expect(container.get(tokenStoreIdentifier)).toBe(store);
});

test('a store that can watch can still watch when it is encrypted', () => {
  const watchable = Object.assign(new MemoryTokenStore(), { watch: () => Promise.reject(new Error('no')) });
  expect(containerWith(tokenStoreModule(() => watchable)).get(tokenStoreIdentifier)).toHaveProperty('watch');
});

test('unbinding closes what the other module made', async () => {
  const container = containerWith(fileStorageModule({ directory: join(freshDirectory(), 'store') }));
  const store = container.get(tokenStoreIdentifier);
  await container.unbindAllAsync();
  await expect(store.get(at)).rejects.toMatchObject({ code: 'store_failed', kind: 'unavailable' });
});

test('a store of the host below the encryption is left open', async () => {
  const inner = new FileTokenStore({ directory: join(freshDirectory(), 'store') });
  const container = containerWith(
    new ContainerModule(({ bind }) => {
      bind(tokenStoreIdentifier).toConstantValue(inner);
    }),
  );
  const store = container.get(tokenStoreIdentifier);
  await put(store, secret);
  await container.unbindAllAsync();
  expect(await textAt(encrypted(inner, keys))).toBe(secret);
});

test('another module beside it is ambiguous, and never taken in its place', () => {
  const container = containerWith(fileStorageModule({ directory: join(freshDirectory(), 'store') }));
  container.load(fileStorageModule({ directory: join(freshDirectory(), 'other') }));
  expect(() => container.get(tokenStoreIdentifier)).toThrow(
    /^Ambiguous bindings found for service: "Symbol\(@mcp-oauth\/core\/TokenStore\)"/,
  );
});

test('a module that binds no store is told apart from one that does', () => {
  const container = containerWith(new ContainerModule(() => undefined));
  expect(() => container.get(tokenStoreIdentifier)).toThrow(
    /^No bindings found for service: "Symbol\(@mcp-oauth\/storage-encrypted\/EncryptedRecords\)"/,
  );
});

test('a storage module sees and changes what it bound itself, and all else as it is', async () => {
  const mine = new MemoryTokenStore();
  const seen: string[] = [];
  const container = new Container();
  const name = Symbol('name');
  container.bind(name).toConstantValue('Ada');
  const storage = new ContainerModule((options) => {
    expect(options.isBound(tokenStoreIdentifier)).toBe(false);
    expect(options.isBound(name)).toBe(true);
    options.bind(tokenStoreIdentifier).toConstantValue(new MemoryTokenStore());
    options.unbind(tokenStoreIdentifier);
    options.rebind(tokenStoreIdentifier).toConstantValue(mine);
    expect(options.isBound(tokenStoreIdentifier)).toBe(true);
    options.onActivation(tokenStoreIdentifier, (_context, store) => {
      seen.push('activated');
      expect(store).toBe(mine);
      return store;
    });
    options.onDeactivation(tokenStoreIdentifier, (store) => {
      seen.push('deactivated');
      expect(store).toBe(mine);
    });
    const extra = options.bind('extra').toConstantValue('extra').getIdentifier();
    options.unbind(extra);
    expect(options.isBound('extra')).toBe(false);
  });
  container.load(encryptedStorageModule({ keys, storage }));
  await put(container.get(tokenStoreIdentifier), secret);
  expect(await textAt(encrypted(mine, keys))).toBe(secret);
  await container.unbindAllAsync();
  expect(seen).toEqual(['activated', 'deactivated']);
});

test('a module that loads in time is awaited by loadAsync', async () => {
  const mine = new MemoryTokenStore();
  const container = new Container();
  const storage = new ContainerModule(async (options) => {
    options.bind(tokenStoreIdentifier).toConstantValue(new MemoryTokenStore());
    await options.unbindAsync(tokenStoreIdentifier);
    (await options.rebindAsync(tokenStoreIdentifier)).toConstantValue(mine);
  });
  await container.loadAsync(encryptedStorageModule({ keys, storage }));
  await put(container.get(tokenStoreIdentifier), secret);
  expect(await textAt(encrypted(mine, keys))).toBe(secret);
});
