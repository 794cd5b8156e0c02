import { tokenStoreIdentifier } from '@mcp-oauth/core/inversify';
import { ContainerModule } from 'inversify';
import type { BindingIdentifier, ContainerModuleLoadOptions, ServiceIdentifier } from 'inversify';
import { encrypted } from './encrypted-token-store.js';
import type { KeyRing, KeySource } from './key-ring.js';
import { encryptedRecordsIdentifier } from './service-identifiers.js';

export { encryptedRecordsIdentifier };

export interface EncryptedStorageModuleOptions {
  readonly keys: KeyRing | KeySource;
  /** The module of the storage that keeps what is encrypted, such as `redisStorageModule({ client })`. */
  readonly storage: ContainerModule;
}

/**
 * Binds `tokenStoreIdentifier` to a store that encrypts what the store of another module keeps. Singleton.
 *
 * The other module is given here and is not loaded beside this one. What it binds to `tokenStoreIdentifier` comes to
 * `encryptedRecordsIdentifier`, so that there is one token store in the container, and it encrypts. It stays the other
 * module's to close.
 */
export function encryptedStorageModule({ keys, storage }: EncryptedStorageModuleOptions): ContainerModule {
  return new ContainerModule((container) => {
    container
      .bind(tokenStoreIdentifier)
      .toResolvedValue((records) => encrypted(records, keys), [encryptedRecordsIdentifier])
      .inSingletonScope();
    return storage.load(belowEncryption(container));
  });
}

/** The container as the module of the storage sees it. */
function belowEncryption(container: ContainerModuleLoadOptions): ContainerModuleLoadOptions {
  const below = <T>(identifier: ServiceIdentifier<T>): ServiceIdentifier<T> =>
    identifier === tokenStoreIdentifier ? (encryptedRecordsIdentifier as ServiceIdentifier<T>) : identifier;
  const belowUnlessBinding = (identifier: BindingIdentifier | ServiceIdentifier) =>
    typeof identifier === 'object' ? identifier : below(identifier);
  return {
    bind: (identifier) => container.bind(below(identifier)),
    isBound: (identifier, options) => container.isBound(below(identifier), options),
    onActivation: (identifier, activation) => {
      container.onActivation(below(identifier), activation);
    },
    onDeactivation: (identifier, deactivation) => {
      container.onDeactivation(below(identifier), deactivation);
    },
    rebind: (identifier) => container.rebind(below(identifier)),
    rebindAsync: (identifier) => container.rebindAsync(below(identifier)),
    unbind: (identifier) => {
      container.unbind(belowUnlessBinding(identifier));
    },
    unbindAsync: (identifier) => container.unbindAsync(belowUnlessBinding(identifier)),
  };
}
