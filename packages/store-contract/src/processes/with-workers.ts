import process from 'node:process';
import { beforeDeadline } from '../deadline.js';
import type { WorkerModule } from '../harness.js';
import { WorkerProcess } from './worker-process.js';

const OPENING_MS = 30_000;
/** Longer than any case may take. */
const LIFETIME_MS = 300_000;

/** Starts processes that have opened the store, for as long as `body` runs. None is left behind, whatever happens. */
export async function withWorkers<Result>(
  module: WorkerModule,
  count: number,
  body: (workers: readonly WorkerProcess[]) => Promise<Result>,
): Promise<Result> {
  const workers = Array.from({ length: count }, () => new WorkerProcess(module));
  // A worker that is stopped doesn't notice that its parent has died.
  const killAll = () => workers.map((worker) => worker.kill());
  process.once('exit', killAll);
  // Whoever waits for a worker of a case that was given up learns that it is gone.
  const lifetime = setTimeout(killAll, LIFETIME_MS).unref();
  try {
    await Promise.all(
      workers.map((worker) => beforeDeadline(worker.ready, OPENING_MS, () => worker.lateFailure())),
    );
    return await body(workers);
  } finally {
    clearTimeout(lifetime);
    await Promise.all(killAll());
    process.off('exit', killAll);
  }
}
