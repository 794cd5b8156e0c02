import type { CallOptions, RecordKey, TokenStore } from '@mcp-oauth/core';
import { bytes, promise, sleep, textAt, write } from '../scene.js';
import { described, isStoreError, must, mustEqual, settled } from '../violation.js';

const GIVEN_UP = 20;

/** Every call that can be refused. */
export function everyCall(
  store: TokenStore,
  key: RecordKey,
  options: CallOptions = {},
): Readonly<Record<string, () => Promise<unknown>>> {
  return {
    get: () => store.get(key, options),
    'compareAndSet that creates': () =>
      store.compareAndSet({ ...key, id: 'never' }, null, bytes('x'), options),
    list: () => store.list(key.partition, options),
    check: () => store.check(options),
    purge: () => store.purge(key.partition, options),
  };
}

export const callCases = [
  promise('a healthy store passes its own check', async ({ open }) => {
    const store = await open();
    await store.check();
    await store.check();
  }),

  promise('a check leaves no record and touches none', async ({ open, key }) => {
    const store = await open();
    const at = key();
    const version = await write(store, at, null, 'kept');
    await store.check();
    mustEqual(
      [await textAt(store, at), (await store.get(at))?.version],
      ['kept', version],
      'A check touches no record',
    );
    const ids = (await store.list(at.partition)).map(({ id }) => id);
    mustEqual(ids, [at.id], 'A check leaves no record');
  }),

  promise(
    'a call whose signal is aborted already rejects with its reason and does nothing',
    async ({ open, key }) => {
      const store = await open();
      const at = key();
      const version = await write(store, at, null, 'kept');
      const reason = new Error('given up');
      const signal = AbortSignal.abort(reason);
      for (const [name, call] of Object.entries(everyCall(store, at, { signal }))) {
        const outcome = await settled(call());
        const rejected = !outcome.resolved && outcome.error === reason;
        must(rejected, `${name} with an aborted signal rejects with the reason`, described(outcome));
      }
      mustEqual((await store.get(at))?.version, version, 'A call that was given up before does nothing');
      mustEqual(
        await store.get({ ...at, id: 'never' }),
        null,
        'A call that was given up before does nothing',
      );
    },
  ),

  promise('a signal that never aborts changes nothing', async ({ open, key }) => {
    const store = await open();
    const { signal } = new AbortController();
    const at = key();
    await store.compareAndSet(at, null, bytes('kept'), { signal });
    mustEqual(await textAt(store, at), 'kept', 'A signal that never aborts changes nothing');
    for (const [, call] of Object.entries(everyCall(store, at, { signal }))) await call();
    mustEqual(await store.list(at.partition), [], 'A signal that never aborts changes nothing');
  }),

  promise(
    'a call that is given up in the middle ends, and its write is done or not done',
    async ({ open, key, random }) => {
      const store = await open();
      for (let round = 0; round < GIVEN_UP; round++) {
        const at = key();
        const version = await write(store, at, null, 'old');
        const giving = new AbortController();
        const reason = new Error('given up');
        const writing = settled(store.compareAndSet(at, version, bytes('new'), { signal: giving.signal }));
        const reading = settled(store.get(at, { signal: giving.signal }));
        if (random() < 0.5) await sleep(random() * 3);
        giving.abort(reason);
        for (const outcome of [await writing, await reading]) {
          const isEnded = outcome.resolved || outcome.error === reason;
          must(isEnded, 'A call that is given up ends as it would, or with the reason', described(outcome));
        }
        const [written, text] = [await writing, await textAt(store, at)];
        must(text === 'new' || (text === 'old' && !written.resolved), 'A write is done or not done', text);
      }
    },
  ),

  promise('a store can be closed twice, and answers nothing afterwards', async ({ open, key }) => {
    const store = await open();
    const at = key();
    await write(store, at, null, 'kept');
    await store.close();
    await store.close();
    for (const [name, call] of Object.entries(everyCall(store, at))) {
      const outcome = await settled(call());
      const refused = !outcome.resolved && isStoreError(outcome.error);
      must(refused, `${name} of a closed store rejects with StoreError`, described(outcome));
    }
  }),
];
