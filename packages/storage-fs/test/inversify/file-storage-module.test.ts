import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { tokenStoreIdentifier } from '@mcp-oauth/core/inversify';
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import { fileStorageModule } from '@mcp-oauth/storage-fs/inversify';
import { Container } from 'inversify';
import { bytes, freshPath, key, textAt } from '../support/places.js';

function containerOver(directory: string): Container {
  const container = new Container();
  container.load(fileStorageModule({ directory }));
  return container;
}

test('the token store of a container is one, and keeps its records in the directory', async () => {
  const directory = freshPath();
  const container = containerOver(directory);
  const store = container.get(tokenStoreIdentifier);
  expect(store).toBeInstanceOf(FileTokenStore);
  expect(container.get(tokenStoreIdentifier)).toBe(store);
  expect(existsSync(directory)).toBe(false);
  await store.compareAndSet(key, null, bytes('kept'));
  expect(await textAt(new FileTokenStore({ directory }))).toBe('kept');
});

test('unbinding closes the store', async () => {
  const container = containerOver(freshPath());
  const store = container.get(tokenStoreIdentifier);
  await container.unbindAllAsync();
  await expect(store.get(key)).rejects.toMatchObject({ code: 'store_failed', kind: 'unavailable' });
});

test('two storage modules are ambiguous, and Inversify says so', () => {
  const container = containerOver(freshPath());
  container.load(fileStorageModule({ directory: freshPath() }));
  expect(() => container.get(tokenStoreIdentifier)).toThrow(
    /^Ambiguous bindings found for service: "Symbol\(@mcp-oauth\/core\/TokenStore\)"/,
  );
});

test('where no directory can be had, the container throws what the store throws', () => {
  expect(() => containerOver('').get(tokenStoreIdentifier)).toThrow(
    'The directory of the token store is empty text.',
  );
});
