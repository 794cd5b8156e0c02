import { person, startMcpServer, startStrictAuthorizationServer, withWorkers } from '@mcp-oauth/e2e';
import type {
  StrictAuthorizationServer,
  StrictAuthorizationServerOptions,
  WorkerProcess,
} from '@mcp-oauth/e2e';
import { startRedis } from '@mcp-oauth/e2e/redis';
import type { ForgottenSession, SessionStatus } from '@mcp-oauth/core';

export interface BegunPage {
  readonly owner: string;
  readonly url: string;
  readonly binding: string;
}

export interface BegunLogin extends BegunPage {
  readonly clientId: string;
  readonly tookMs: number;
}

/** How a replica refused: what its host would show. */
export interface Refusal {
  readonly code: string;
  readonly reason?: string;
  readonly message: string;
}

/**
 * Where a replica may be stopped: a token answer has come, what came of it is about to be stored, or a login whose tokens
 * are revoked is about to be deleted.
 */
export type Step = 'answered' | 'committing' | 'deleting';

interface Methods {
  begin(owners: readonly string[]): readonly BegunLogin[];
  beginAs(account: { readonly owner: string; readonly profile: string }): BegunPage;
  complete(person: ReturningPerson): string;
  use(owner: string): SessionStatus;
  status(owner: string): SessionStatus;
  sessions(owner: string): readonly SessionStatus[];
  forget(owner: string): readonly ForgottenSession[];
  records(owner: string): number;
  arm(step: Step): undefined;
  halted(argument: null): undefined;
  release(argument: null): undefined;
  putClockAhead(ms: number): undefined;
}

/** A replica in a process of its own: see login-worker.mjs. */
export class Replica {
  readonly #worker: WorkerProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #asked = 0;

  constructor(worker: WorkerProcess) {
    this.#worker = worker;
    void this.#listen();
  }

  async ask<Name extends keyof Methods>(
    method: Name,
    argument: Parameters<Methods[Name]>[0],
  ): Promise<ReturnType<Methods[Name]>> {
    const { value, error } = await this.tried(method, argument);
    if (error) throw new Error(error.message);
    return value as ReturnType<Methods[Name]>;
  }

  async refusal<Name extends keyof Methods>(
    method: Name,
    argument: Parameters<Methods[Name]>[0],
  ): Promise<Refusal> {
    const { error } = await this.tried(method, argument);
    if (!error) throw new Error(`${method} was expected to be refused.`);
    return error;
  }

  async kill(): Promise<void> {
    await this.#worker.kill();
  }

  tried<Name extends keyof Methods>(method: Name, argument: Parameters<Methods[Name]>[0]): Promise<Answer> {
    const id = ++this.#asked;
    this.#worker.send({ id, method, argument });
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  async #listen(): Promise<void> {
    for (;;) {
      const told = (await this.#worker.next().catch(() => undefined)) as Answer | undefined;
      if (!told) return;
      this.#waiting.get(told.id)?.(told);
      this.#waiting.delete(told.id);
    }
  }
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: Refusal;
}

/** What a browser brings back from the authorization server. */
export interface ReturningPerson {
  readonly callback: string;
  readonly owner: string;
  readonly binding: string;
}

export interface FleetOptions {
  readonly replicas: number;
  readonly server?: StrictAuthorizationServerOptions;
  /** Whether replicas can tell that one of them is gone. */
  readonly identity?: boolean;
  readonly deadlineMs?: number;
  /** By how much the clock of the last replica is ahead. */
  readonly aheadMs?: number;
}

export interface Fleet {
  readonly replicas: readonly [Replica, Replica, ...Replica[]];
  readonly server: StrictAuthorizationServer;
  /** Begins the logins of so many owners at once, spread over replicas. */
  beginAll(prefix: string, count: number, replicas?: readonly Replica[]): Promise<readonly BegunLogin[]>;
  /** What the person's browser brings back. */
  consent(
    login: BegunPage,
  ): Promise<{ readonly callback: string; readonly owner: string; readonly binding: string }>;
}

const module = new URL('login-worker.mjs', import.meta.url);

/** Replicas on one Redis before a strict authorization server and the MCP server that it guards. */
export async function withFleet(options: FleetOptions, body: (fleet: Fleet) => Promise<void>): Promise<void> {
  const { replicas: count, identity = false, deadlineMs = 60_000, aheadMs = 0 } = options;
  const redis = await startRedis();
  const server = await startStrictAuthorizationServer(options.server);
  const mcp = await startMcpServer({ authorizationServers: [server] });
  const input = { store: redis.url, resource: mcp.url.href, secret: 'x'.repeat(32), identity };
  try {
    await withWorkers(
      {
        module,
        count,
        deadlineMs,
        input: (index) => ({ ...input, aheadMs: index === count - 1 ? aheadMs : 0 }),
      },
      async (workers) => {
        await Promise.all(workers.map((worker) => worker.next()));
        const replicas = workers.map((worker) => new Replica(worker));
        await body({
          replicas: replicas as unknown as Fleet['replicas'],
          server,
          beginAll: async (prefix, owners, among = replicas) => {
            const begun = among.map((replica, index) => {
              const share = Array.from({ length: owners }, (_, number) => number)
                .filter((number) => number % among.length === index)
                .map((number) => `${prefix}-${String(number)}`);
              return replica.ask('begin', share);
            });
            return (await Promise.all(begun)).flat();
          },
          consent: async ({ url, owner, binding }) => ({
            callback: await person.consent(url, { user: owner }),
            owner,
            binding,
          }),
        });
      },
    );
  } finally {
    await mcp.close();
    await server.close();
    await redis.close();
  }
}
