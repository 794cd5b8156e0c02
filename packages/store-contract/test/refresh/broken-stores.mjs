// What authors of stores get wrong, around a store that is right. Used by the tests and by their worker processes.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { changed, named, overwrite, remembering } from '../support/wrapped-store.mjs';

const WRITTEN_LATE_MS = 400;
/** Longer than processes that renew the same token early are apart, so that they meet. */
const BETWEEN_MS = 300;

const credentials = (value) => (value ? JSON.parse(new TextDecoder().decode(value)) : undefined);

async function compareThenWrite(store, read, [key, expected, value, options]) {
  const current = await read(key);
  if ((current?.version ?? null) !== expected) return { ok: false, current };
  await delay(BETWEEN_MS);
  return await overwrite(store, key, value, options);
}

/** Says that it wrote what it did not, where `isLost` says so. */
function losing(store, isLost) {
  return changed(store, {
    compareAndSet: async (key, expected, value, options) =>
      isLost(credentials(value))
        ? { ok: true, version: value && randomUUID() }
        : await store.compareAndSet(key, expected, value, options),
  });
}

export const brokenStores = {
  'compares in JavaScript and then writes blindly': (store) =>
    changed(store, { compareAndSet: (...write) => compareThenWrite(store, (key) => store.get(key), write) }),

  'compares with what it read first and writes blindly': (store) => {
    const cache = new Map();
    const read = async (key) => {
      if (!cache.has(named(key))) cache.set(named(key), await store.get(key));
      return cache.get(named(key));
    };
    return changed(store, {
      get: read,
      compareAndSet: async (...write) => {
        const result = await compareThenWrite(store, read, write);
        const [key, , value] = write;
        if (result.ok) cache.set(named(key), value && { value, version: result.version });
        return result;
      },
    });
  },

  'answers from what it read before': remembering,

  'writes a while after it said that it had': (store) => {
    const late = new Map();
    return changed(store, {
      get: async (key, options) => late.get(named(key)) ?? (await store.get(key, options)),
      compareAndSet: async (key, expected, value, options) => {
        const current = late.get(named(key)) ?? (await store.get(key));
        if ((current?.version ?? null) !== expected) return { ok: false, current };
        const version = value && randomUUID();
        late.set(named(key), { value, version });
        const writing = delay(WRITTEN_LATE_MS).then(async () => {
          await overwrite(store, key, value, options);
          if (late.get(named(key))?.version === version) late.delete(named(key));
        });
        // Nobody hears of it, as its author thought. By then the store may be closed.
        writing.catch(() => undefined);
        return { ok: true, version };
      },
    });
  },

  'loses the attempt': (store) => losing(store, (record) => record?.grant?.attempt !== undefined),
  'loses what was renewed': (store) => losing(store, (record) => record?.grant?.generation > 1),
  'keeps what it says it deleted': (store) => losing(store, (record) => record === undefined),
  'keeps what it says it purged': (store) => changed(store, { purge: () => Promise.resolve() }),

  'takes trouble for an absent record': (store) =>
    changed(store, {
      get: (key, options) => store.get(key, options).catch(() => null),
      compareAndSet: (key, expected, value, options) =>
        store.compareAndSet(key, expected, value, options).catch(() => ({ ok: false, current: null })),
    }),

  'works on in memory while it is out of reach': (store) => {
    const cache = new Map();
    return changed(store, {
      get: async (key, options) => {
        const read = await store.get(key, options).catch(() => cache.get(named(key)) ?? null);
        cache.set(named(key), read);
        return read;
      },
      compareAndSet: (key, expected, value, options) =>
        store.compareAndSet(key, expected, value, options).catch(() => {
          const version = value && randomUUID();
          cache.set(named(key), value && { value, version });
          return { ok: true, version };
        }),
    });
  },
};
