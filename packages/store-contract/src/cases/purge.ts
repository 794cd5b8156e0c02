import type { TokenStore, Version } from '@mcp-oauth/core';
import { bytes, promise, sleep, takeTurn, textAt, write } from '../scene.js';
import { must, mustEqual } from '../violation.js';

const GONE = { ok: false, current: null };
const ROUNDS = 15;

export const purgeCases = [
  promise(
    'a purge leaves no record of the partition, and no old version brings one back',
    async ({ open, another, partition }) => {
      const store = await open();
      const other = await another(store);
      const name = partition();
      const ids = Array.from({ length: 25 }, (_, index) => `r${String(index)}`);
      const versions = new Map<string, Version>();
      for (const id of ids) versions.set(id, await write(store, { partition: name, id }, null, id));
      await store.purge(name);
      mustEqual(await other.list(name), [], 'A purged partition is empty');
      for (const id of ids) {
        const key = { partition: name, id };
        mustEqual(await other.get(key), null, 'A purged record is absent');
        const stale = await other.compareAndSet(key, versions.get(id) ?? null, bytes('back'));
        mustEqual(stale, GONE, 'A version from before a purge matches nothing');
      }
      mustEqual(await store.list(name), [], 'No old version brings a record back');
      await store.purge(name);
      await write(store, { partition: name, id: 'r0' }, null, 'new');
      mustEqual(
        await textAt(other, { partition: name, id: 'r0' }),
        'new',
        'A purged partition can be used again',
      );
    },
  ),

  promise(
    'a purge wins over writes in flight that go on from what was there before',
    async ({ open, another, partition, random }) => {
      const store = await open();
      const other = await another(store);
      for (let round = 0; round < ROUNDS; round++) {
        const name = partition();
        const keys = ['a', 'b', 'c'].map((id) => ({ partition: name, id }));
        const first = await Promise.all(keys.map((key) => write(store, key, null, '0')));
        const writers = keys.map((key, index) => goOn(other, key, first[index] ?? null));
        await sleep(random() * 20);
        await store.purge(name);
        // Each writer ends when a write of its own finds the record gone.
        await Promise.all(writers);
        mustEqual(await store.list(name), [], 'No write that goes on from what was purged brings it back');
        for (const key of keys) mustEqual(await other.get(key), null, 'A purged record stays absent');
      }
    },
    40_000,
  ),
];

/** Writes over what it wrote last, as a refresh does, until the record is gone. */
async function goOn(
  store: TokenStore,
  key: { readonly partition: string; readonly id: string },
  first: Version | null,
): Promise<void> {
  for (let version = first, round = 1; ; round++) {
    const result = await store.compareAndSet(key, version, bytes(String(round)));
    if (!result.ok) {
      mustEqual(result.current, null, 'Whoever writes alone finds what it wrote, or nothing after a purge');
      return;
    }
    must(result.version !== null && round < 100_000, 'A purge removes the record');
    version = result.version;
    await takeTurn();
  }
}
