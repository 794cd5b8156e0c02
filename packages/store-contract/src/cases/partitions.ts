import { promise, textAt, write } from '../scene.js';
import { mustEqual } from '../violation.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';

export const partitionCases = [
  promise('partitions do not see each other, however alike their names are', async ({ open, partition }) => {
    const store = await open();
    const name = partition();
    const all = [
      name,
      ...['0', '-', '_', 'a', 'A', '-r', '_i'].map((ending) => name + ending),
      name.toUpperCase(),
    ];
    for (const each of all) await write(store, { partition: each, id: 'record' }, null, each);
    for (const each of all) {
      const listed = await store.list(each);
      mustEqual(
        listed.map(({ id, value }) => [id, new TextDecoder().decode(value)]),
        [['record', each]],
        'A list has the records of its partition alone',
      );
      mustEqual(
        await textAt(store, { partition: each, id: 'record' }),
        each,
        'A partition has its own records',
      );
    }
    for (const each of all) {
      await store.purge(each);
      mustEqual(await store.list(each), [], 'A purged partition is empty');
      const left = all.slice(all.indexOf(each) + 1);
      for (const other of left) {
        const text = await textAt(store, { partition: other, id: 'record' });
        mustEqual(text, other, 'A purge touches no other partition');
      }
    }
  }),

  promise('records do not see each other, however alike their ids are', async ({ open, key }) => {
    const store = await open();
    const { partition } = key();
    const ids = ['a', 'A', 'aa', 'a-', 'a_', '-a', '_a', '-', '_', '0', '00', 'a0', 'r', 'i'];
    for (const id of ids) await write(store, { partition, id }, null, id);
    for (const id of ids) mustEqual(await textAt(store, { partition, id }), id, 'A record has its own value');
    const version = (await store.get({ partition, id: 'a' }))?.version ?? null;
    await store.compareAndSet({ partition, id: 'a' }, version, null);
    for (const id of ids.slice(1)) {
      mustEqual(await textAt(store, { partition, id }), id, 'A delete touches no other record');
    }
  }),

  promise('a partition and an id are never taken for another pair', async ({ open, partition }) => {
    const store = await open();
    const name = partition();
    const pairs = ['', '-', '_', '--', '__', 'r', '-r-', '_r_'].map((between) => [
      { partition: name, id: `a${between}b` },
      { partition: `${name}${between}a`, id: 'b' },
    ]);
    for (const [one, other] of pairs.values()) {
      if (!one || !other) continue;
      await write(store, one, null, 'one');
      await write(store, other, null, 'other');
      mustEqual(
        [await textAt(store, one), await textAt(store, other)],
        ['one', 'other'],
        'A record is found by its partition and its id',
      );
      await store.purge(other.partition);
      mustEqual(await textAt(store, one), 'one', 'A purge touches no other partition');
    }
  }),

  promise('keys may have 1 to 128 characters of A-Z, a-z, 0-9, _ and -', async ({ open, partition }) => {
    const store = await open();
    const long = partition().padEnd(128, ALPHABET);
    const keys = [
      { partition: long, id: 'x' },
      { partition: long, id: ALPHABET + ALPHABET },
      { partition: long, id: (ALPHABET + ALPHABET).slice(0, 127) },
      { partition: long.slice(0, 127), id: ALPHABET },
    ];
    for (const key of keys) await write(store, key, null, key.id);
    for (const key of keys) mustEqual(await textAt(store, key), key.id, 'A record with a long key is found');
    const listed = (await store.list(long)).map(({ id }) => id);
    mustEqual(listed.length, 3, 'A record with a long key is listed');
    await store.purge(long);
    await store.purge(long.slice(0, 127));
    mustEqual(await store.list(long), [], 'A partition with a long name is purged');
  }),
];
