import process from 'node:process';
import type { WorkerModule } from '../harness.js';
import { WorkerProcess } from './worker-process.js';

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
  try {
    await Promise.all(workers.map((worker) => worker.ready));
    return await body(workers);
  } finally {
    await Promise.all(killAll());
    process.off('exit', killAll);
  }
}
