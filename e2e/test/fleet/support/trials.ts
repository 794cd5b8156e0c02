import { expect } from '@jest/globals';
import { withWorkers } from '@mcp-oauth/e2e';
import type { RotationMode, WorkerProcess } from '@mcp-oauth/e2e';
import { startBackend } from './backends.js';
import type { BackendName } from './backends.js';
import { fleetScene, secret } from './scene.js';
import type { FleetScene } from './scene.js';

/** Where a holder is halted: see halting.mjs. */
export type Step = 'leasing' | 'leased' | 'sending' | 'sent' | 'answered' | 'committing' | 'committed';

export const steps: readonly Step[] = [
  'leasing',
  'leased',
  'sending',
  'sent',
  'answered',
  'committing',
  'committed',
];

/** How the use of a grant ended in another process. */
export interface Outcome {
  readonly trial: number;
  readonly ok: boolean;
  readonly tookMs: number;
  readonly generation: number;
  /** Which token it got. */
  readonly token?: string;
  readonly code?: string;
  readonly reason?: string;
}

export interface Trial {
  readonly number: number;
  readonly owner: string;
  readonly scene: FleetScene;
  /** The process that refreshes and is halted. */
  readonly holder: WorkerProcess;
  /** Resolves when it has come to the step of this trial, and the server to what it was sent. */
  reached(): Promise<void>;
  /** Uses the grant in another process, which knows nothing of it but what is stored. */
  use(): Promise<Outcome>;
}

export interface TrialsOptions {
  readonly backend: BackendName;
  readonly rotation: RotationMode;
  /** The step of each trial. */
  readonly steps: readonly Step[];
  readonly leaseMs: number;
  /** Whether processes can tell that another one is gone. */
  readonly identity: boolean;
  readonly deadlineMs: number;
  /** How many trials run side by side. */
  readonly atOnce: number;
}

/** The first token of every login is thought to have expired after so long. */
const FIRST_TOKEN_SECONDS = 1;
const TOKEN_LATENCY_MS = 150;
const AT_SERVER_POLL_MS = 5;

/** A process on a busy machine thinks that its request has left before it has. */
async function reached(step: Step, holder: WorkerProcess, scene: FleetScene, owner: string): Promise<void> {
  expect(await holder.next()).toBe(step);
  const isAtServer = (): boolean =>
    scene.server.families().some(({ subject, maxInFlight }) => subject === owner && maxInFlight > 0);
  while (step === 'sent' && !isAtServer()) await soon(AT_SERVER_POLL_MS);
}

/** Runs a trial for each step: one owner, one expired token, one process that refreshes it and comes to that step. */
export async function runTrials(
  options: TrialsOptions,
  body: (trial: Trial, step: Step) => Promise<void>,
): Promise<void> {
  const { leaseMs, identity, deadlineMs } = options;
  const backend = await startBackend(options.backend);
  const scene = await fleetScene(backend.address, {
    rotation: options.rotation,
    tokenLatencyMs: TOKEN_LATENCY_MS,
    tokenResponse: (response, { generation }) =>
      generation === 1 ? { ...response, expires_in: FIRST_TOKEN_SECONDS } : response,
  });
  const refresh = { timeoutMs: leaseMs / 2, leaseMs };
  const input = { address: backend.address, resource: scene.resource, secret, refresh, identity };
  const survivorModule = new URL('survivor-worker.mjs', import.meta.url);
  const holderModule = new URL('holder-worker.mjs', import.meta.url);
  try {
    await withWorkers(
      { module: survivorModule, count: 1, deadlineMs, input: () => input },
      async ([worker]) => {
        const survivor = new Survivor(worker!);
        const queue = options.steps.map((step, index) => ({ step, number: index + 1 }));
        const one = async (step: Step, number: number) => {
          const owner = `owner-${String(number)}`;
          await scene.login(owner);
          await soon(FIRST_TOKEN_SECONDS * 1_000 + 50);
          const holderInput = { ...input, owner, haltAt: step };
          await withWorkers(
            { module: holderModule, count: 1, deadlineMs: 60_000, input: () => holderInput },
            ([holder]) =>
              body(
                {
                  number,
                  owner,
                  scene,
                  holder: holder!,
                  reached: () => reached(step, holder!, scene, owner),
                  use: () => survivor.use(owner),
                },
                step,
              ),
          );
        };
        const lane = async () => {
          for (let next = queue.shift(); next; next = queue.shift()) await one(next.step, next.number);
        };
        await Promise.all(Array.from({ length: options.atOnce }, lane));
        worker!.send('stop');
        await worker!.result();
      },
    );
  } finally {
    await scene.close();
    await backend.close();
  }
}

/** Asks the surviving process, and gives each answer to whoever asked. */
class Survivor {
  readonly #worker: WorkerProcess;
  readonly #waiting = new Map<number, (outcome: Outcome) => void>();
  #asked = 0;

  constructor(worker: WorkerProcess) {
    this.#worker = worker;
  }

  use(owner: string): Promise<Outcome> {
    const trial = ++this.#asked;
    this.#worker.send({ trial, owner });
    const answer = new Promise<Outcome>((resolve) => this.#waiting.set(trial, resolve));
    return Promise.all([answer, this.#next()]).then(([outcome]) => outcome);
  }

  /** One message comes for each question, in whatever order. */
  async #next(): Promise<void> {
    const outcome = (await this.#worker.next()) as Outcome;
    this.#waiting.get(outcome.trial)?.(outcome);
    this.#waiting.delete(outcome.trial);
  }
}

export function soon(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
