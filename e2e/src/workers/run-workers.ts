import { WorkerProcess } from './worker-process.js';

export interface WorkersOptions {
  /** A compiled module that calls `runWorker` of `@mcp-oauth/e2e/worker`. */
  readonly module: string | URL;
  readonly count: number;
  /** What each worker gets, as JSON. */
  readonly input?: (index: number) => unknown;
  /** All workers are killed and the call rejects after this long. Default: 30 000. */
  readonly deadlineMs?: number;
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly execArgv?: readonly string[];
  /** What they mount is seen by them alone, and gone with them. Linux, as root. */
  readonly ownMounts?: boolean;
}

/** Runs N processes side by side and resolves with what each returned. No process is left behind, whatever happens. */
export function runWorkers(options: WorkersOptions): Promise<readonly unknown[]> {
  return withWorkers(options, (workers) => Promise.all(workers.map((worker) => worker.result())));
}

/** Starts N processes for as long as `body` runs: it can talk to them, stop them and kill them. */
export async function withWorkers<Result>(
  options: WorkersOptions,
  body: (workers: readonly WorkerProcess[]) => Promise<Result>,
): Promise<Result> {
  const { module, count, input, deadlineMs = 30_000, env = {}, execArgv = [], ownMounts = false } = options;
  const workers = Array.from(
    { length: count },
    (_, index) => new WorkerProcess({ module, index, input: input?.(index), env, execArgv, ownMounts }),
  );
  // A stopped worker doesn't notice that its parent has died.
  const killAll = () => workers.map((worker) => worker.kill());
  process.once('exit', killAll);
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const printed = workers.map(({ index, output }) => `${index}: ${output.slice(-500)}`).join('\n');
      reject(new Error(`The workers did not finish within ${deadlineMs} ms. They printed:\n${printed}`));
    }, deadlineMs);
  });
  try {
    return await Promise.race([body(workers), deadline]);
  } finally {
    clearTimeout(timer);
    await Promise.all(killAll());
    process.off('exit', killAll);
  }
}
