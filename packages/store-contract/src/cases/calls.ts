import type { CallOptions, RecordKey, TokenStore } from '@mcp-oauth/core';
import { bytes, promise, textAt, write } from '../scene.js';
import { described, isStoreError, must, mustEqual, settled } from '../violation.js';

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
