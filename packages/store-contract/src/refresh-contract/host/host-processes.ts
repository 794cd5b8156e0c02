import { withWorkers } from '../../processes/with-workers.js';
import type { WorkerProcess } from '../../processes/worker-process.js';
import type { RefreshScene } from '../refresh-scene.js';
import { callRepeatedly } from './calls.js';
import type { CallsInput, CallsReport } from './calls.js';

/** One of the processes of a host, at work. */
export type HostProcess = (input: CallsInput) => Promise<CallsReport>;

/** Several processes of one host; clients of this process where the store lives in one. */
export async function withHostProcesses<Result>(
  { scene, store }: RefreshScene,
  count: number,
  body: (processes: readonly HostProcess[]) => Promise<Result>,
): Promise<Result> {
  const { harness } = scene;
  if (harness.scope === 'shared') {
    return await withWorkers(harness.worker, count, (workers) =>
      body(workers.map((worker) => (input) => callsOf(worker, input))),
    );
  }
  return await body(Array.from({ length: count }, () => (input) => callRepeatedly(store, input)));
}

/** Lets a process call. Rejects if it ends before. */
export async function callsOf(worker: WorkerProcess, input: CallsInput): Promise<CallsReport> {
  return (await worker.run('refresh', input).result) as CallsReport;
}
