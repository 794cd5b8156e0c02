import { LimitExceededError, OAuthClientError, StoreError, storeErrorKinds } from '../errors.js';
import type { TokenStore, Version, WatchableTokenStore } from '../ports/token-store.js';

/**
 * A store whose trouble is told as the port says, whatever it throws: a renewed grant must not be lost because its store
 * was built with another copy of this package, or lets the errors of its driver through.
 *
 * @param onTrouble Hears of every failure of the store.
 */
export function tellingTrouble(store: TokenStore, onTrouble: (error: StoreError) => void): TokenStore {
  const tell = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      const own = asOwnError(error);
      if (own instanceof StoreError) onTrouble(own);
      throw own;
    }
  };
  const told: TokenStore = {
    get: (...call) => tell(() => store.get(...call)),
    compareAndSet: (...call) => tell(() => store.compareAndSet(...call)),
    list: (...call) => tell(() => store.list(...call)),
    purge: (...call) => tell(() => store.purge(...call)),
    check: (...call) => tell(() => store.check(...call)),
    close: () => tell(() => store.close()),
  };
  if (!isWatchable(store)) return told;
  const watchable: WatchableTokenStore = {
    ...told,
    watch: (...call) => tell(() => store.watch(...call)),
  };
  return watchable;
}

/** Whether a store can tell of changes. */
export function isWatchable(store: TokenStore): store is WatchableTokenStore {
  return typeof (store as Partial<WatchableTokenStore>).watch === 'function';
}

function asOwnError(error: unknown): unknown {
  if (error instanceof OAuthClientError) return error;
  const { code, kind, message, name, version } = Object(error) as Record<string, unknown>;
  const known = storeErrorKinds.find((one) => one === kind);
  if (code === 'store_failed' && known !== undefined) {
    const options = typeof version === 'string' ? { version: version as Version } : {};
    return new StoreError(known, String(message), { cause: error, ...options });
  }
  if (code === 'limit_exceeded') return new LimitExceededError('A record', 'the token store');
  // Neither its text nor itself: drivers put the values of a query, which are tokens, on their errors.
  const what = typeof code === 'string' ? `${String(name)}, ${code}` : String(name);
  return new StoreError('unavailable', `The token store failed with an error of its own (${what}).`);
}
