import { isWatchable } from '@mcp-oauth/core';
import type { TokenStore, WatchableTokenStore } from '@mcp-oauth/core';

/** The store itself, that also notes which partitions are used: only the client knows how they are called. */
export function notingStore(store: TokenStore, partitions: Set<string>): TokenStore {
  const noting: TokenStore = {
    get: (key, options) => {
      partitions.add(key.partition);
      return store.get(key, options);
    },
    compareAndSet: (key, ...write) => {
      partitions.add(key.partition);
      return store.compareAndSet(key, ...write);
    },
    list: (partition, options) => {
      partitions.add(partition);
      return store.list(partition, options);
    },
    purge: (partition, options) => store.purge(partition, options),
    check: (options) => store.check(options),
    close: () => store.close(),
  };
  if (!isWatchable(store)) return noting;
  const watchable: WatchableTokenStore = {
    ...noting,
    watch: (key, onChange, options) => store.watch(key, onChange, options),
  };
  return watchable;
}
