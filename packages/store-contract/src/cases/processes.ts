import { WorkerFailure } from '../processes/worker-process.js';
import type { RunningCommand, WorkerProcess } from '../processes/worker-process.js';
import { withWorkers } from '../processes/with-workers.js';
import { sharedPromise, sleep } from '../scene.js';
import { countIn, sealedCount } from '../sealed-count.js';
import { described, must, mustEqual, settled } from '../violation.js';

const PROCESSES = 4;
const INCREMENTS = 150;
const KILLS = 8;
const STOPS = 12;
const STOPPING_MS = 20_000;
const ENDLESS = 1_000_000;
/** A lock that a store would take away from somebody who does not answer is taken away by then. */
const LONGER_THAN_LOCKS_MS = 12_000;

export const processCases = [
  sharedPromise('processes that change one record at once lose no change', async ({ harness, open, key }) => {
    const store = await open();
    const at = key();
    await withWorkers(harness.worker, PROCESSES, async (workers) => {
      const input = { key: at, times: INCREMENTS };
      await Promise.all(workers.map((worker) => worker.run('increment', input).result));
    });
    const record = await store.get(at);
    mustEqual(
      record && countIn(record.value),
      PROCESSES * INCREMENTS,
      'Every change that was acknowledged counts',
    );
  }),

  sharedPromise(
    'of processes that create or take a record exactly one does',
    async ({ harness, open, partition }) => {
      const store = await open();
      const name = partition();
      const ids = Array.from({ length: 60 }, (_, index) => `r${String(index).padStart(2, '0')}`);
      await withWorkers(harness.worker, PROCESSES, async (workers) => {
        for (const command of ['claim', 'take']) {
          const lists = (await Promise.all(
            workers.map((worker) => worker.run(command, { partition: name, ids }).result),
          )) as string[][];
          mustEqual(lists.flat().sort(), ids, `Each record is there for one to ${command}`);
        }
      });
      mustEqual(await store.list(name), [], 'What was taken is gone');
    },
  ),

  sharedPromise('a process reads at once what another one wrote', async ({ harness, open, key }) => {
    const store = await open();
    const at = key();
    await withWorkers(harness.worker, 1, async ([worker]) => {
      let version = null;
      for (let count = 1; count <= 40; count++) {
        const result = await store.compareAndSet(at, version, sealedCount(count));
        must(result.ok, 'A write that expects what stands there succeeds');
        version = result.version;
        const seen = await worker?.run('get', { key: at }).result;
        mustEqual(seen, count, 'A read sees every write that resolved before it began');
      }
    });
  }),

  sharedPromise(
    'processes killed at random leave every acknowledged change and no half one',
    async ({ harness, open, key, random }) => {
      const store = await open();
      const at = key();
      let acknowledged = 0;
      for (let killed = 2; killed <= KILLS; killed += 2) {
        acknowledged += await withWorkers(harness.worker, 2, async (workers) => {
          const counting = workers.map((worker) =>
            lastTold(worker.run('increment', { key: at, times: ENDLESS })),
          );
          await sleep(50 + random() * 200);
          await Promise.all(workers.map((worker) => worker.kill()));
          const counts = await Promise.all(counting);
          return counts.reduce((sum, count) => sum + count, 0);
        });
        const record = await store.get(at);
        const stored = record ? countIn(record.value) : 0;
        must(stored >= acknowledged, `Every acknowledged change is kept: ${String(acknowledged)}`, stored);
        // Each that was killed had one change under way.
        const most = acknowledged + killed;
        must(stored <= most, `No change is made that nobody asked for: at most ${String(most)}`, stored);
      }
      // What those that were killed last had sent already may still come, once from each.
      for (let late = 0; ; late++) {
        const version = (await store.get(at))?.version ?? null;
        const after = await store.compareAndSet(at, version, sealedCount(1));
        if (after.ok) break;
        must(late < 2, 'A record can be written after its writers were killed', after);
      }
    },
    90_000,
  ),

  sharedPromise(
    'a process that is stopped in the middle of its work and goes on loses no change of others',
    async ({ harness, open, key, random }) => {
      const store = await open();
      const at = key();
      const others = { done: 0, refused: 0 };
      /** Resolves with whether the store let it. */
      const add = async (worker: WorkerProcess): Promise<boolean> => {
        const command = worker.run('increment', { key: at, times: 10 });
        others.done += await lastTold(command);
        const outcome = await settled(command.result);
        if (outcome.resolved) return true;
        // A process that was stopped with a lock of the storage in its hands may hold others up, and they say so.
        must(
          isStoreTrouble(outcome.error),
          'A store that is held up rejects with StoreError',
          described(outcome),
        );
        others.refused += 1;
        return false;
      };
      const stoppedDone = await withWorkers(harness.worker, 2, async ([stopped, other]) => {
        if (!stopped || !other) return 0;
        const counting = lastTold(stopped.run('increment', { key: at, times: ENDLESS }));
        const until = performance.now() + STOPPING_MS;
        for (let round = 0; round < STOPS && performance.now() < until; round++) {
          await sleep(10 + random() * 30);
          stopped.stop();
          const isTakenBy = performance.now() + LONGER_THAN_LOCKS_MS;
          while (!(await add(other)) && performance.now() < isTakenBy);
          stopped.continue();
        }
        await sleep(100);
        await stopped.kill();
        return counting;
      });
      const record = await store.get(at);
      const stored = record ? countIn(record.value) : 0;
      const least = stoppedDone + others.done;
      must(stored >= least, `Every acknowledged change is kept: ${String(least)}`, stored);
      // One was under way when its process was killed, and each that was refused may have come through.
      const most = least + 1 + others.refused;
      must(stored <= most, `No change is made that nobody asked for: at most ${String(most)}`, stored);
    },
    240_000,
  ),
];

/** What a command told last, when its process has ended. */
async function lastTold(command: RunningCommand): Promise<number> {
  for (let last = 0; ;) {
    const told = await command.next().catch(() => undefined);
    if (told === undefined) return last;
    last = Number(told);
  }
}

function isStoreTrouble(error: unknown): boolean {
  return error instanceof WorkerFailure && error.code === 'store_failed';
}
