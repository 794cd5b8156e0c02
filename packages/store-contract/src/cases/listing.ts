import { promise, sleep, textOf, write } from '../scene.js';
import { mustEqual } from '../violation.js';

/** By code unit: digits, capitals, `_`, small letters; `-` before all of them. */
const SORTED = ['-', '-a', '0', '10', '9', 'A', 'Z', '_', 'a', 'a-b', 'aB', 'a_b', 'ab', 'z'];

export const listingCases = [
  promise(
    'a list has every record, sorted by the code units of their ids',
    async ({ open, another, partition }) => {
      const store = await open();
      const name = partition();
      mustEqual(await store.list(name), [], 'A partition that nobody wrote to is empty');
      const versions = new Map<string, string>();
      for (const id of [...SORTED].reverse()) {
        versions.set(id, await write(store, { partition: name, id }, null, `value of ${id}`));
      }
      const listed = await (await another(store)).list(name);
      mustEqual(
        listed.map((record) => [record.id, record.version, textOf(record)]),
        SORTED.map((id) => [id, versions.get(id), `value of ${id}`]),
        'A list has every record with its version and value, sorted',
      );
    },
  ),

  promise('a list can be read in pages', async ({ open, partition }) => {
    const store = await open();
    const name = partition();
    for (const id of [...SORTED].reverse()) await write(store, { partition: name, id }, null, id);
    for (const limit of [1, 3, SORTED.length, SORTED.length + 5]) {
      const seen: string[] = [];
      for (let after: string | undefined; seen.length <= SORTED.length;) {
        const page = await store.list(name, after === undefined ? { limit } : { after, limit });
        mustEqual(page.length <= limit, true, 'A page is no longer than asked for');
        if (page.length === 0) break;
        seen.push(...page.map(({ id }) => id));
        after = seen.at(-1);
      }
      mustEqual(seen, SORTED, 'The pages together are the list');
    }
    mustEqual(await store.list(name, { limit: 0 }), [], 'A page of none has none');
    const rest = (await store.list(name, { after: 'a' })).map(({ id }) => id);
    mustEqual(rest, SORTED.slice(SORTED.indexOf('a') + 1), 'A list after an id has what sorts after it');
  }),

  promise('a page may begin after a record that is gone', async ({ open, partition }) => {
    const store = await open();
    const name = partition();
    for (const id of ['a', 'b', 'c']) await write(store, { partition: name, id }, null, id);
    const version = (await store.get({ partition: name, id: 'b' }))?.version ?? null;
    await store.compareAndSet({ partition: name, id: 'b' }, version, null);
    const ids = (await store.list(name, { after: 'b', limit: 5 })).map(({ id }) => id);
    mustEqual(ids, ['c'], 'A page begins after the id, whether that is there or not');
  }),

  promise('a limit counts living records alone', async ({ open, partition }) => {
    const store = await open();
    const name = partition();
    for (const id of ['a', 'b', 'c']) await write(store, { partition: name, id }, null, id, 100);
    for (const id of ['d', 'e', 'f']) await write(store, { partition: name, id }, null, id);
    await sleep(250);
    const ids = (await store.list(name, { limit: 2 })).map(({ id }) => id);
    mustEqual(ids, ['d', 'e'], 'What has expired takes no place in a page');
  }),
];
