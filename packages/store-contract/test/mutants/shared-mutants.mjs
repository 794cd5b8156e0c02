// Stores in files with one thing wrong, for the tests and for their worker processes.
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { changed, named, overwrite, remembering } from '../support/wrapped-store.mjs';

async function compareThenWrite(store, [key, expected, value, options]) {
  const current = await store.get(key);
  if ((current?.version ?? null) !== expected) return { ok: false, current };
  await delay(1);
  return overwrite(store, key, value, options);
}

/** One after the other within a process, whichever handle they use. */
const lines = new Map();
function inLine(name, work) {
  const turn = (lines.get(name) ?? Promise.resolve()).then(work, work);
  lines.set(name, turn);
  return turn;
}

const LOCK_IS_STALE_MS = 1_500;

/** A lock directory, which is taken away from whoever holds it too long. */
async function underLock(path, work) {
  for (;;) {
    try {
      mkdirSync(path);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? {};
    if (mtimeMs !== undefined && Date.now() - mtimeMs > LOCK_IS_STALE_MS)
      rmSync(path, { recursive: true, force: true });
    await delay(2);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

export const sharedMutants = {
  'compares under a lock of its process alone': (store) =>
    changed(store, {
      compareAndSet: (...write) => inLine(named(write[0]), () => compareThenWrite(store, write)),
    }),

  'writes under a lock that is taken away from whoever is slow': (store, directory) =>
    changed(store, {
      compareAndSet: (...write) =>
        underLock(join(`${directory}-locks`, named(write[0]).replace('/', '.')), () =>
          compareThenWrite(store, write),
        ),
    }),

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
        void delay(200)
          .then(() => overwrite(store, key, value, options))
          .catch(() => undefined);
        return { ok: true, version };
      },
    });
  },

  'writes a value in two steps': (store) =>
    changed(store, {
      compareAndSet: async (key, expected, value, options) => {
        if (!value?.length) return store.compareAndSet(key, expected, value, options);
        const half = await store.compareAndSet(key, expected, value.slice(0, value.length / 2), options);
        return half.ok ? store.compareAndSet(key, half.version, value, options) : half;
      },
    }),

  'takes trouble for an absent record': (store) =>
    changed(store, { get: (key, options) => store.get(key, options).catch(() => null) }),

  'takes trouble for an empty list': (store) =>
    changed(store, { list: (partition, options) => store.list(partition, options).catch(() => []) }),

  'takes trouble for a write that lost': (store) =>
    changed(store, {
      compareAndSet: (...write) => store.compareAndSet(...write).catch(() => ({ ok: false, current: null })),
    }),

  'takes trouble for a purge that is done': (store) =>
    changed(store, { purge: (partition, options) => store.purge(partition, options).catch(() => undefined) }),

  'finds itself well where it is out of reach': (store) => changed(store, { check: () => Promise.resolve() }),

  'lets errors of its driver through': (store) => {
    const refuse = (error) => {
      throw new Error('ENOTDIR', { cause: error });
    };
    return changed(store, {
      get: (key, options) => store.get(key, options).catch(refuse),
      compareAndSet: (...write) => store.compareAndSet(...write).catch(refuse),
    });
  },

  'never works again after trouble': (store) => {
    let trouble;
    const remember = (error) => {
      trouble ??= error;
      throw trouble;
    };
    const unlessTroubled = (call) => (trouble ? Promise.reject(trouble) : call().catch(remember));
    return changed(store, {
      get: (key, options) => unlessTroubled(() => store.get(key, options)),
      compareAndSet: (...write) => unlessTroubled(() => store.compareAndSet(...write)),
    });
  },

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

/** The mutant over an honest store in this directory. */
export function mutantOf(does, store, directory) {
  const change = sharedMutants[does];
  if (!change) throw new Error(`No store is broken like this: ${does}`);
  mkdirSync(`${directory}-locks`, { recursive: true });
  return change(store, directory);
}
