import { tokenStoreModule } from '@mcp-oauth/core/inversify';
import type { ContainerModule } from 'inversify';
import { openSqliteTokenStore } from './open.js';
import type { OpenSqliteTokenStoreOptions } from './open.js';
import { SqliteTokenStore } from './sqlite-token-store.js';
import type { SqliteTokenStoreOptions } from './sqlite-token-store.js';

/**
 * Binds `tokenStoreIdentifier` to a token store in one SQLite database. Singleton; unbinding it closes it.
 *
 * With a `path` the database is opened when the store is first asked for, and not by loading the module, so that a
 * store that is bound in its place leaves the file alone. Opening takes time: the first to ask for the store, or for
 * what needs it, uses `getAsync`. Afterwards `get` does. If the file can't be opened, `getAsync` rejects with its
 * `StoreError`, and goes on to do so, and so does `unbindAllAsync`: Inversify keeps the answer.
 *
 * With a `database` of yours there is nothing to wait for, and it stays open.
 */
export function sqliteStorageModule(
  options: OpenSqliteTokenStoreOptions | SqliteTokenStoreOptions,
): ContainerModule {
  return tokenStoreModule(() =>
    'path' in options ? openSqliteTokenStore(options) : new SqliteTokenStore(options),
  );
}
