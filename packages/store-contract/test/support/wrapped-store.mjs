// What the broken stores of both contracts are made of. Plain JavaScript, for their worker processes too.

/** Names a record in a map. */
export const named = ({ partition, id }) => `${partition}/${id}`;

/** The store, with some of its methods replaced. */
export function changed(store, methods) {
  return {
    get: (key, options) => store.get(key, options),
    compareAndSet: (key, expected, value, options) => store.compareAndSet(key, expected, value, options),
    list: (partition, options) => store.list(partition, options),
    purge: (partition, options) => store.purge(partition, options),
    check: (options) => store.check(options),
    close: () => store.close(),
    ...methods,
  };
}

/** Writes over whatever stands there. */
export async function overwrite(store, key, value, options) {
  for (let current = await store.get(key); ;) {
    const result = await store.compareAndSet(key, current?.version ?? null, value, options);
    if (result.ok) return result;
    current = result.current;
  }
}

/** A store that answers from what it read before. */
export function remembering(store) {
  const cache = new Map();
  return changed(store, {
    get: async (key, options) => {
      if (!cache.get(named(key))) cache.set(named(key), await store.get(key, options));
      return cache.get(named(key));
    },
    compareAndSet: async (key, expected, value, options) => {
      const result = await store.compareAndSet(key, expected, value, options);
      cache.set(named(key), result.ok ? value && { value, version: result.version } : result.current);
      return result;
    },
  });
}
