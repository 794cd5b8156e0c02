import type { TokenStore } from '@mcp-oauth/core';
import type { KeyRing, KeySource } from '@mcp-oauth/storage-encrypted';
import { parseStoreAddress } from './store-address.js';
import type { StoreAddress } from './store-address.js';

export interface OpenTokenStoreOptions {
  /** Encrypts what the store keeps. Without it, values lie in it as they are. */
  readonly keys?: KeyRing | KeySource;
}

/**
 * Opens the token store that an address names, and loads the code of no other.
 *
 * - `memory:` in this process alone, gone when it ends
 * - `file:/directory`, `file:~/directory`, `file:///C:/directory`: plain files, for one person on one host
 * - `sqlite:/file.db`, `sqlite:~/file.db`, `sqlite:///C:/file.db`: one database, needs `better-sqlite3`
 * - `redis://user:password@host:port/db?prefix=…`, `rediss:` with TLS: for many replicas, needs `ioredis`
 *
 * Paths are absolute or begin at the home directory, and are percent-decoded. `close()` closes what was opened here.
 *
 * Rejects with an `InvalidConfigError` that says what is wrong with the address or which package to install, and with
 * a `StoreError` if the store can't be opened. Neither shows a user name or a password.
 */
export async function openTokenStore(
  address: string,
  { keys }: OpenTokenStoreOptions = {},
): Promise<TokenStore> {
  const store = await open(parseStoreAddress(address));
  if (keys === undefined) return store;
  const { encrypted } = await import('@mcp-oauth/storage-encrypted');
  return encrypted(store, keys);
}

async function open(address: StoreAddress): Promise<TokenStore> {
  switch (address.kind) {
    case 'memory': {
      const { MemoryTokenStore } = await import('@mcp-oauth/core');
      return new MemoryTokenStore();
    }
    case 'file': {
      const { FileTokenStore } = await import('@mcp-oauth/storage-fs');
      return new FileTokenStore({ directory: address.path });
    }
    case 'sqlite': {
      const { openSqliteTokenStore } = await import('@mcp-oauth/storage-sqlite');
      return openSqliteTokenStore({ path: address.path });
    }
    case 'redis': {
      const { openRedis } = await import('./redis-store.js');
      return openRedis(address);
    }
  }
}
