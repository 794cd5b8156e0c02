import type { RecordKey, TokenStore, Version } from '@mcp-oauth/core';
import { bytes, promise, sleep, textAt, versionOf, write } from '../scene.js';
import { must, mustEqual } from '../violation.js';

const SOON_MS = 60;

/** Ways in which a record ends, so that the next one with its key is another. */
const ends: Readonly<
  Record<string, (store: TokenStore, key: RecordKey, version: Version) => Promise<unknown>>
> = {
  delete: (store, key, version) => store.compareAndSet(key, version, null),
  expiry: async (store, key, version) => {
    versionOf(await store.compareAndSet(key, version, bytes('brief'), { ttlMs: SOON_MS }));
    await sleep(2 * SOON_MS);
  },
  purge: (store, key) => store.purge(key.partition),
};

export const versionCases = [
  promise(
    'a version never comes back while a record lives, not even for the same value',
    async ({ open, key }) => {
      const store = await open();
      const at = key();
      const seen: Version[] = [];
      for (let round = 0; round < 30; round++) seen.push(await write(store, at, seen.at(-1) ?? null, 'same'));
      mustEqual(new Set(seen).size, seen.length, 'Every write gives another version');
      for (const version of seen.slice(0, -1)) {
        const { ok } = await store.compareAndSet(at, version, bytes('stale'));
        must(!ok, 'A version that was overwritten never matches again');
      }
      mustEqual(await textAt(store, at), 'same', 'A write that lost changes nothing');
    },
  ),

  ...Object.entries(ends).map(([end, bringAbout]) =>
    promise(`a version never comes back after ${end}`, async ({ open, key }) => {
      const store = await open();
      const at = key();
      const seen: Version[] = [];
      for (let life = 0; life < 5; life++) {
        let version: Version | null = null;
        for (let round = 0; round < 3; round++) {
          version = await write(store, at, version, 'same');
          seen.push(version);
        }
        must(version !== null, 'A write gives the record a version');
        await bringAbout(store, at, version);
        mustEqual(await store.get(at), null, `A record is absent after ${end}`);
      }
      mustEqual(new Set(seen).size, seen.length, `Versions go on being new after ${end}`);
      const living = await write(store, at, null, 'living');
      for (const version of seen) {
        const { ok } = await store.compareAndSet(at, version, bytes('from the past'));
        must(!ok, `A version from before a ${end} never matches again`);
      }
      mustEqual((await store.get(at))?.version, living, 'A write that lost changes nothing');
    }),
  ),
];
