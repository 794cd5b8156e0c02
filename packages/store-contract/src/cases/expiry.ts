import { bytes, promise, sleep, textAt, versionOf, write } from '../scene.js';
import { must, mustEqual } from '../violation.js';

const BRIEF_MS = 150;
/** Long enough for another write before it is over, even on a busy disk. */
const WRITABLE_MS = 1_000;
const LONG_MS = 60_000;
const ABSENT = { ok: false, current: null };

export const expiryCases = [
  promise(
    'a record is there until its time is over, and then it is absent',
    async ({ open, another, key }) => {
      const store = await open();
      const other = await another(store);
      const at = key();
      await write(store, at, null, 'brief', LONG_MS);
      mustEqual(await textAt(other, at), 'brief', 'A record is there until its time is over');
      const { version } = (await store.get(at)) ?? {};
      await write(store, at, version ?? null, 'brief', BRIEF_MS);
      await sleep(2 * BRIEF_MS);
      mustEqual(await store.get(at), null, 'A record whose time is over is absent');
      mustEqual(await other.get(at), null, 'A record whose time is over is absent for every handle');
    },
  ),

  promise('a record whose time is over is not listed', async ({ open, key }) => {
    const store = await open();
    const at = key();
    await write(store, at, null, 'brief', BRIEF_MS);
    await write(store, { ...at, id: 'stays' }, null, 'stays');
    await sleep(2 * BRIEF_MS);
    const ids = (await store.list(at.partition)).map(({ id }) => id);
    mustEqual(ids, ['stays'], 'Only living records are listed');
  }),

  promise('a record whose time is over counts as absent for whoever writes', async ({ open, key }) => {
    const store = await open();
    const at = key();
    const version = await write(store, at, null, 'brief', BRIEF_MS);
    await sleep(2 * BRIEF_MS);
    mustEqual(
      await store.compareAndSet(at, version, bytes('late')),
      ABSENT,
      'The version has ended with the record',
    );
    mustEqual(await store.compareAndSet(at, version, null), ABSENT, 'The version has ended with the record');
    await write(store, at, null, 'next');
    mustEqual(await textAt(store, at), 'next', 'The key is free again');
  }),

  promise(
    'of many that create a record in the place of an expired one exactly one succeeds',
    async ({ open, another, key }) => {
      const store = await open();
      const other = await another(store);
      const at = key();
      await write(store, at, null, 'brief', BRIEF_MS);
      await sleep(2 * BRIEF_MS);
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? store : other).compareAndSet(at, null, bytes(String(index))),
        ),
      );
      mustEqual(results.filter(({ ok }) => ok).length, 1, 'Of many that create a record one succeeds');
    },
  ),

  promise('a write without a time lifts the one that was set before', async ({ open, key }) => {
    const store = await open();
    const at = key();
    const version = await write(store, at, null, 'brief', WRITABLE_MS);
    await write(store, at, version, 'stays');
    await sleep(WRITABLE_MS + BRIEF_MS);
    mustEqual(await textAt(store, at), 'stays', 'A write without a time stays');
  }),

  promise('a write with a time replaces the one that was set before', async ({ open, key }) => {
    const store = await open();
    const [longer, shorter] = [key(), key()];
    const one = await write(store, longer, null, 'brief', WRITABLE_MS);
    await write(store, longer, one, 'longer', LONG_MS);
    const two = await write(store, shorter, null, 'long', LONG_MS);
    await write(store, shorter, two, 'shorter', BRIEF_MS);
    await sleep(WRITABLE_MS + BRIEF_MS);
    mustEqual(await textAt(store, longer), 'longer', 'The later time counts');
    mustEqual(await textAt(store, shorter), null, 'The later time counts');
  }),

  promise('a write that lost does not change the time of the record', async ({ open, key }) => {
    const store = await open();
    const at = key();
    const old = await write(store, at, null, 'one');
    await write(store, at, old, 'stays');
    const lost = await store.compareAndSet(at, old, bytes('brief'), { ttlMs: BRIEF_MS });
    must(!lost.ok, 'A write over a version that is gone does not succeed', lost);
    versionOf(await store.compareAndSet({ ...at, id: 'other' }, null, bytes('x')));
    await sleep(2 * BRIEF_MS);
    mustEqual(await textAt(store, at), 'stays', 'A write that lost changes nothing');
  }),
];
