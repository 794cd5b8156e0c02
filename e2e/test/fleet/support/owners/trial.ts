import { withWorkers } from '@mcp-oauth/e2e';
import type { WorkerProcess } from '@mcp-oauth/e2e';
import { startBackend } from '../backends.js';
import { secret } from '../scene.js';

export interface OwnersTrial {
  readonly owners: number;
  readonly requests: number;
  readonly replicas: number;
  readonly seed: number;
  /** Which share of the visits is for owners whose names look alike: see population.mjs. */
  readonly hostile: number;
  /** Which mistake a host makes: see replica.mjs. */
  readonly mistake: string;
  readonly deadlineMs: number;
}

/** What the replicas saw, added up. */
export interface OwnersReport {
  readonly answers: number;
  readonly wrongIdentities: number;
  readonly wrongServers: number;
  readonly foreignSessions: number;
  readonly begun: number;
  readonly overtaken: number;
  readonly failed: number;
  readonly failures: readonly string[];
  readonly seconds: number;
  readonly rssMb: number;
}

/** What the servers saw. */
export interface ServerReport {
  readonly requests: number;
  readonly registrations: number;
  readonly logins: number;
  readonly refreshes: number;
  readonly revocations: number;
  readonly stepUps: number;
  readonly atOnce: number;
  readonly reused: number;
}

interface Routed {
  readonly kind: 'complete' | 'completed' | 'ran';
  readonly to: number;
}

const LANES = 32;
const serverModule = new URL('lean-server.mjs', import.meta.url);
const replicaModule = new URL('replica.mjs', import.meta.url);

/** Lets replicas on one Redis serve random owners at three MCP servers. */
export async function runOwnersTrial(
  trial: OwnersTrial,
): Promise<{ readonly replicas: OwnersReport; readonly servers: ServerReport }> {
  const { replicas, deadlineMs, requests } = trial;
  const backend = await startBackend('redis');
  const lifetimes = { shortLived: 0.2, shortSeconds: 3 };
  try {
    return await withWorkers(
      { module: serverModule, count: 1, deadlineMs, input: () => lifetimes },
      async ([server]) => {
        const shared = {
          ...trial,
          secret,
          store: backend.address,
          resources: await server!.next(),
          lanes: LANES,
          requests: Math.ceil(requests / replicas),
        };
        const reports = await withWorkers(
          { module: replicaModule, count: replicas, deadlineMs, input: (index) => ({ ...shared, index }) },
          runReplicas,
        );
        server!.send('stop');
        return { replicas: total(reports), servers: (await server!.result()) as ServerReport };
      },
    );
  } finally {
    await backend.close();
  }
}

async function runReplicas(workers: readonly WorkerProcess[]): Promise<readonly OwnersReport[]> {
  // A login that one replica has begun ends at another one.
  const route = async (worker: WorkerProcess) => {
    for (;;) {
      const told = (await worker.next()) as Routed;
      if (told.kind === 'ran') return;
      workers[told.to]!.send(told);
    }
  };
  const pump = async (worker: WorkerProcess) => {
    await route(worker);
    // It has no more of its own, but goes on ending those of others.
    route(worker).catch(() => undefined);
  };
  await Promise.all(workers.map(pump));
  for (const worker of workers) worker.send('end');
  return (await Promise.all(workers.map((worker) => worker.result()))) as readonly OwnersReport[];
}

function total(reports: readonly OwnersReport[]): OwnersReport {
  const sum = (of: (report: OwnersReport) => number) => reports.reduce((all, report) => all + of(report), 0);
  return {
    answers: sum(({ answers }) => answers),
    wrongIdentities: sum(({ wrongIdentities }) => wrongIdentities),
    wrongServers: sum(({ wrongServers }) => wrongServers),
    foreignSessions: sum(({ foreignSessions }) => foreignSessions),
    begun: sum(({ begun }) => begun),
    overtaken: sum(({ overtaken }) => overtaken),
    failed: sum(({ failed }) => failed),
    failures: reports.flatMap(({ failures }) => failures),
    seconds: Math.max(...reports.map(({ seconds }) => seconds)),
    rssMb: Math.max(...reports.map(({ rssMb }) => rssMb)),
  };
}
