import type { Version } from '@mcp-oauth/core';
import { promise, textAt, versionOf, write, bytes } from '../scene.js';
import { must, mustEqual } from '../violation.js';

const HANDLES = 4;
const WRITERS = 25;
const ROUNDS = 20;

export const recordCases = [
  promise('a record that nobody wrote is absent', async ({ open, key }) => {
    const store = await open();
    mustEqual(await store.get(key()), null, 'A record that nobody wrote is absent');
  }),

  promise('a write is read back with the version that it was given', async ({ open, key }) => {
    const store = await open();
    const at = key();
    for (const text of ['one', 'two', 'three']) {
      const current = await store.get(at);
      const version = versionOf(await store.compareAndSet(at, current?.version ?? null, bytes(text)));
      const read = await store.get(at);
      mustEqual(
        [await textAt(store, at), read?.version],
        [text, version],
        'What was written is what is read',
      );
    }
  }),

  promise(
    'a write over another version than the stored one changes nothing and is told what stands there',
    async ({ open, key }) => {
      const store = await open();
      const at = key();
      const first = await write(store, at, null, 'one');
      const second = await write(store, at, first, 'two');
      for (const [expected, value] of [
        [first, bytes('stale')],
        [null, bytes('stale')],
        [first, null],
        [null, null],
      ] as const) {
        const result = await store.compareAndSet(at, expected, value);
        must(!result.ok, 'A write over a version that is gone does not succeed', result);
        mustEqual(
          [result.current?.version, result.current?.value],
          [second, bytes('two')],
          'A write that lost is told what stands there',
        );
        mustEqual(await textAt(store, at), 'two', 'A write that lost changes nothing');
      }
    },
  ),

  promise('a write over a version that never was creates nothing', async ({ open, key }) => {
    const store = await open();
    const at = key();
    const foreign = await write(store, key(), null, 'another record');
    const result = await store.compareAndSet(at, foreign, bytes('stale'));
    mustEqual(result, { ok: false, current: null }, 'A write over a version of another record loses');
    mustEqual(await store.get(at), null, 'A write that lost changes nothing');
  }),

  promise('a delete removes the record, and an absent one can be deleted', async ({ open, key }) => {
    const store = await open();
    const at = key();
    const version = await write(store, at, null, 'one');
    const deleted = { ok: true, version: null };
    mustEqual(
      await store.compareAndSet(at, version, null),
      deleted,
      'A delete of what stands there succeeds',
    );
    mustEqual(await store.get(at), null, 'A deleted record is absent');
    mustEqual(await store.list(at.partition), [], 'A deleted record is not listed');
    const again = await store.compareAndSet(at, version, null);
    mustEqual(again, { ok: false, current: null }, 'A second delete of the same version loses');
    mustEqual(await store.compareAndSet(at, null, null), deleted, 'A delete that expects nothing succeeds');
  }),

  promise('every handle reads what any other one has written', async ({ open, another, key }) => {
    const one = await open();
    const two = await another(one);
    const at = key();
    let version = await write(one, at, null, '0');
    for (let round = 1; round <= ROUNDS; round++) {
      const [writer, reader] = round % 2 === 0 ? [one, two] : [two, one];
      version = await write(writer, at, version, String(round));
      mustEqual(
        await textAt(reader, at),
        String(round),
        'A read sees every write that resolved before it began',
      );
    }
    versionOf(await one.compareAndSet(at, version, bytes('last')));
    mustEqual(await textAt(two, at), 'last', 'A read sees every write that resolved before it began');
  }),

  promise(
    'of many writers at once that expect one version exactly one succeeds',
    async ({ open, another, key }) => {
      const first = await open();
      const handles = [first];
      while (handles.length < HANDLES) handles.push(await another(first));
      const at = key();
      let version: Version | null = null;
      for (let round = 0; round < ROUNDS; round++) {
        const expected = version;
        const attempt = async (index: number) => {
          const writer = handles[index % HANDLES] ?? first;
          return writer.compareAndSet(at, expected, bytes(`${String(round)}.${String(index)}`));
        };
        const results = await Promise.all(Array.from({ length: WRITERS }, (_, index) => attempt(index)));
        const winners = results.flatMap((result, index) => (result.ok ? [{ result, index }] : []));
        const [winner] = winners;
        must(
          winner !== undefined && winners.length === 1,
          'Of many writers that expect one version one succeeds',
          winners,
        );
        version = versionOf(winner.result);
        mustEqual(
          await textAt(first, at),
          `${String(round)}.${String(winner.index)}`,
          'What stands there is what the winner wrote',
        );
      }
    },
  ),

  promise('of many that take a record exactly one gets it', async ({ open, another, key }) => {
    const one = await open();
    const two = await another(one);
    for (let round = 0; round < ROUNDS; round++) {
      const at = key();
      const version = await write(one, at, null, 'once');
      const results = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          (index % 2 === 0 ? one : two).compareAndSet(at, version, null),
        ),
      );
      mustEqual(results.filter(({ ok }) => ok).length, 1, 'Of many that take a record one gets it');
      mustEqual(await two.get(at), null, 'A record that was taken is gone');
    }
  }),
];
