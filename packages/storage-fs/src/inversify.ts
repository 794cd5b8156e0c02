import { tokenStoreModule } from '@mcp-oauth/core/inversify';
import type { ContainerModule } from 'inversify';
import { FileTokenStore } from './file-token-store.js';
import type { FileTokenStoreOptions } from './file-token-store.js';

/** Binds `tokenStoreIdentifier` to a token store in plain files. Singleton; unbinding it closes it. */
export function fileStorageModule(options: FileTokenStoreOptions = {}): ContainerModule {
  return tokenStoreModule(() => new FileTokenStore(options));
}
