import { isWatchable } from '@mcp-oauth/core';
import type { RecordKey, WatchableTokenStore } from '@mcp-oauth/core';
import { promise, sleep, write } from '../scene.js';
import type { Scene } from '../scene.js';
import { described, isStoreError, must, mustEqual, settled } from '../violation.js';

const SOON_MS = 2_000;
const QUIET_MS = 300;

/** For stores that can watch; others promise nothing here. */
function whereWatched(name: string, run: (store: WatchableTokenStore, scene: Scene) => Promise<void>) {
  return promise(name, async (scene) => {
    const store = await scene.open();
    if (isWatchable(store)) await run(store, scene);
  });
}

export const watchCases = [
  whereWatched(
    'where a store can watch, whoever watches is told of every kind of change',
    async (store, { another, key }) => {
      const other = await another(store);
      const at = key();
      const watch = await Watch.begin(store, at);
      let version = await write(other, at, null, 'one');
      await watch.isTold('of a record that was made');
      version = await write(other, at, version, 'two');
      await watch.isTold('of a record that was changed');
      await other.compareAndSet(at, version, null);
      await watch.isTold('of a record that was deleted');
      await write(other, at, null, 'three');
      await watch.isTold('of a record that was made again');
      await other.purge(at.partition);
      await watch.isTold('of a record that was purged');
      await watch.end();
    },
  ),

  whereWatched(
    'where a store can watch, several may watch one record, and a watch ends alone',
    async (store, { another, key }) => {
      const other = await another(store);
      const at = key();
      const [one, two] = [await Watch.begin(store, at), await Watch.begin(store, at)];
      const elsewhere = await Watch.begin(store, { ...at, id: 'another-record' });
      const version = await write(other, at, null, 'one');
      await one.isTold('with others');
      await two.isTold('with others');
      await one.end();
      await one.end();
      const quiet = one.times;
      await write(other, at, version, 'two');
      await two.isTold('after another watch of the record has ended');
      await sleep(QUIET_MS);
      mustEqual(one.times, quiet, 'A watch that has ended is silent');
      mustEqual(elsewhere.times, 0, 'A watch is of one record');
      await two.end();
      await elsewhere.end();
    },
  ),

  whereWatched(
    'where a store can watch, a watch that is given up before rejects with the reason, and one of a closed store with StoreError',
    async (store, { key }) => {
      const at = key();
      const reason = new Error('given up');
      const told: string[] = [];
      const begin = (signal?: AbortSignal) =>
        settled(store.watch(at, () => told.push('told'), signal ? { signal } : {}));
      const givenUp = await begin(AbortSignal.abort(reason));
      must(
        !givenUp.resolved && givenUp.error === reason,
        'A watch with an aborted signal rejects with the reason',
        described(givenUp),
      );
      await write(store, at, null, 'one');
      await sleep(QUIET_MS);
      mustEqual(told, [], 'A watch that never began is silent');
      await store.close();
      const late = await begin();
      must(
        !late.resolved && isStoreError(late.error),
        'A watch of a closed store rejects with StoreError',
        described(late),
      );
    },
  ),
];

class Watch {
  times = 0;
  #heard = 0;
  #end: () => Promise<void> = () => Promise.resolve();

  static async begin(store: WatchableTokenStore, key: RecordKey): Promise<Watch> {
    const watch = new Watch();
    watch.#end = await store.watch(key, () => {
      watch.times += 1;
    });
    return watch;
  }

  /** A change may be told more than once, and more than one change at once. */
  async isTold(what: string): Promise<void> {
    const until = performance.now() + SOON_MS;
    while (this.times === this.#heard && performance.now() < until) await sleep(5);
    must(this.times > this.#heard, `Whoever watches is told ${what} within ${String(SOON_MS)} ms`);
    await sleep(30);
    this.#heard = this.times;
  }

  end(): Promise<void> {
    return this.#end();
  }
}
