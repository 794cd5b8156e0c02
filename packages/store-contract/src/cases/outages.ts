import type { RecordKey, TokenStore, Version } from '@mcp-oauth/core';
import { beforeDeadline } from '../deadline.js';
import { withWorkers } from '../processes/with-workers.js';
import { WorkerFailure } from '../processes/worker-process.js';
import { bytes, sharedPromise, sleep, takeTurn, textAt, textOf, versionOf, write } from '../scene.js';
import type { SharedScene } from '../scene.js';
import { everyCall } from './calls.js';
import { ContractViolation, described, isStoreError, must, mustEqual, settled } from '../violation.js';
import type { Settled } from '../violation.js';

/** What the port promises. */
const TROUBLE_MS = 10_000;
const RECOVERY_MS = 20_000;
const CUTS = 10;
const WRITERS = 4;
const GIVING_UP_MS = 100;
const SOON_MS = 2_000;

export const outageCases = [
  sharedPromise(
    'a store out of reach rejects with StoreError within 10 s, and never answers that a record is absent',
    async (scene) => {
      const { open, key } = scene;
      const store = await open();
      const at = key();
      const version = await write(store, at, null, 'kept');
      await cut(scene, async () => {
        const reads = await Promise.all([within(store.get(at)), within(store.list(at.partition))]);
        for (const read of reads) {
          const right = read.resolved && isKept(read.value);
          const rejected = !read.resolved && isStoreError(read.error);
          must(right || rejected, 'A read rejects with StoreError or is right', described(read));
        }
        const writes: readonly (() => Promise<unknown>)[] = [
          () => store.compareAndSet(at, version, bytes('new')),
          () => store.compareAndSet({ ...at, id: 'other' }, null, bytes('new')),
          () => store.compareAndSet(at, version, null),
          () => store.purge(at.partition),
          () => store.check(),
        ];
        const outcomes = await Promise.all(writes.map((call) => within(call())));
        for (const outcome of outcomes) {
          const rejected = !outcome.resolved && isStoreError(outcome.error);
          must(
            rejected,
            'A write that can not reach the storage rejects with StoreError',
            described(outcome),
          );
        }
      });
      await recovered(() => store.check());
      // Each of the writes may have come through; none may be half done.
      const now = await store.get(at);
      must(
        now === null || ['kept', 'new'].includes(textOf(now) ?? ''),
        'A write is done or not done',
        textOf(now),
      );
      await write(store, { ...at, id: 'after' }, null, 'after');
      mustEqual(await textAt(store, { ...at, id: 'after' }), 'after', 'A store that is back works again');
    },
    120_000,
  ),

  sharedPromise(
    'a call that is given up while the store is out of reach ends soon',
    async (scene) => {
      const { open, key } = scene;
      const store = await open();
      const at = key();
      await write(store, at, null, 'kept');
      await cut(scene, async () => {
        const reason = new Error('given up');
        const giving = new AbortController();
        const calls = Object.entries(everyCall(store, at, { signal: giving.signal })).map(([name, call]) => ({
          name,
          outcome: settled(call()),
        }));
        await sleep(GIVING_UP_MS);
        giving.abort(reason);
        for (const { name, outcome } of calls) {
          const late = () => new ContractViolation(`${name} that is given up ends soon`);
          const ended = await beforeDeadline(outcome, SOON_MS, late);
          const isGivenUp = !ended.resolved && (ended.error === reason || isStoreError(ended.error));
          const isRead = ended.resolved && isKept(ended.value);
          must(isGivenUp || isRead, `${name} that is given up rejects with the reason`, described(ended));
        }
      });
      await recovered(() => store.check());
    },
    120_000,
  ),

  sharedPromise(
    'a writer that is alone with a record never loses to itself, wherever its connection is cut',
    async (scene) => {
      const { open, key, random } = scene;
      const store = await open();
      const state = { isCutting: true };
      const cutting = async () => {
        for (let round = 0; round < CUTS && state.isCutting; round++) {
          await sleep(20 + random() * 60);
          await cut(scene, () => sleep(random() * 200));
        }
        state.isCutting = false;
      };
      // A cut has to come between a write and its answer: each writer makes that likelier.
      const writing = Array.from({ length: WRITERS }, () => writeAlone(store, key(), () => state.isCutting));
      const outcomes = await Promise.all(
        [cutting(), ...writing].map(async (work) => {
          const outcome = await settled(work);
          if (!outcome.resolved) state.isCutting = false;
          return outcome;
        }),
      );
      for (const outcome of outcomes) if (!outcome.resolved) throw outcome.error;
    },
    120_000,
  ),

  sharedPromise(
    'processes of a store out of reach reject too, and go on when it is back',
    async (scene) => {
      const { harness, open, key } = scene;
      const store = await open();
      const at = key();
      await withWorkers(harness.worker, 2, async (workers) => {
        const increment = (times: number) =>
          Promise.all(workers.map((worker) => settled(worker.run('increment', { key: at, times }).result)));
        await increment(5);
        await cut(scene, async () => {
          for (const outcome of await increment(1)) {
            const refused =
              !outcome.resolved &&
              outcome.error instanceof WorkerFailure &&
              outcome.error.code === 'store_failed';
            must(
              refused,
              'A write that can not reach the storage rejects with StoreError',
              described(outcome),
            );
          }
        });
        await recovered(() => store.check());
        await recovered(async () => {
          for (const outcome of await increment(5)) if (!outcome.resolved) throw outcome.error;
        });
      });
    },
    120_000,
  ),

  sharedPromise(
    'what has resolved is there after the storage was restarted',
    async ({ harness, open, partition }) => {
      const store = await open();
      const name = partition();
      const versions = new Map<string, Version>();
      const gone = { partition: name, id: 'gone' };
      await store.compareAndSet(gone, await write(store, gone, null, 'x'), null);
      for (let index = 0; index < 20; index++) {
        const key = { partition: name, id: `r${String(index)}` };
        const version = await write(store, key, null, 'first');
        versions.set(key.id, await write(store, key, version, `value ${String(index)}`));
      }
      await harness.restart();
      const fresh = await open();
      for (const handle of [store, fresh]) {
        await recovered(() => handle.check());
        for (const [id, version] of versions) {
          const record = await handle.get({ partition: name, id });
          const seen = [textOf(record), record?.version];
          mustEqual(seen, [`value ${id.slice(1)}`, version], 'What has resolved survives a restart');
        }
        mustEqual(await handle.get(gone), null, 'What was deleted stays deleted');
        mustEqual((await handle.list(name)).length, versions.size, 'What has resolved survives a restart');
      }
    },
  ),
];

/** Writes over what it read, for as long as `isGoingOn`, and reads again after trouble. */
async function writeAlone(store: TokenStore, at: RecordKey, isGoingOn: () => boolean): Promise<void> {
  let known = await recovered(() => store.get(at));
  for (let count = 1; isGoingOn() || count < 20; count++) {
    const expected: Version | null = known?.version ?? null;
    await takeTurn();
    const outcome = await settled(store.compareAndSet(at, expected, bytes(String(count))));
    if (!outcome.resolved) {
      must(isStoreError(outcome.error), 'Trouble rejects with StoreError', described(outcome));
      known = await recovered(() => store.get(at));
      continue;
    }
    must(outcome.value.ok, 'Who writes alone over what it just read does not lose', outcome.value);
    known = { version: versionOf(outcome.value), value: bytes(String(count)) };
    const read = await settled(store.get(at));
    if (read.resolved) mustEqual(read.value, known, 'What has resolved is what is read');
  }
}

function isKept(value: unknown): boolean {
  const records = Array.isArray(value) ? (value as unknown[]) : [value];
  return records.length === 1 && records.every((record) => textOf(record as never) === 'kept');
}

/** Waits for as long as the port allows for trouble, and a little more. */
function within<T>(work: Promise<T>): Promise<Settled<T>> {
  const late = () => new Error(`there was no answer within ${String(TROUBLE_MS)} ms`);
  return settled(beforeDeadline(work, TROUBLE_MS + 2_000, late));
}

async function cut({ harness }: SharedScene, body: () => Promise<void>): Promise<void> {
  await harness.fail(true);
  try {
    await body();
  } finally {
    await harness.fail(false);
  }
}

/** Tries until it works again. Anything but a StoreError is a defect at once. */
async function recovered<T>(work: () => Promise<T>): Promise<T> {
  const until = performance.now() + RECOVERY_MS;
  for (;;) {
    const outcome = await settled(work());
    if (outcome.resolved) return outcome.value;
    const isTrouble = isStoreError(outcome.error) || outcome.error instanceof WorkerFailure;
    must(isTrouble && performance.now() < until, 'A store that is back works again', described(outcome));
    await sleep(20);
  }
}
