import { env } from 'node:process';
import { startProxy } from '@mcp-oauth/e2e/redis';
import type { SharedHarness } from '@mcp-oauth/store-contract';
import { createPool } from './pool.js';
import { PostgresTokenStore } from './postgres-token-store.js';

export interface HarnessOptions {
  readonly connectionString: string;
  /** Ends every connection as hard as it can, and resolves when the server is there again. */
  readonly restart: () => Promise<void>;
  /** `store-worker.js`, as Node can run it. */
  readonly workerModule: URL;
}

export interface ContractHarness {
  readonly harness: SharedHarness;
  close(): Promise<void>;
}

/** What the contract runs on: the store over a proxy that can be shut, in this process and in others. */
export async function startContractHarness(options: HarnessOptions): Promise<ContractHarness> {
  const address = new URL(options.connectionString);
  const proxy = await startProxy({ host: address.hostname, port: Number(address.port || 5432) });
  address.host = `${proxy.host}:${String(proxy.port)}`;
  // What a process is started with can be seen by others: the worker finds the password where the driver looks for it.
  if (address.password !== '') env['PGPASSWORD'] = decodeURIComponent(address.password);
  return {
    harness: {
      scope: 'shared',
      open: () => Promise.resolve(new OwningStore(address.href)),
      worker: { module: options.workerModule, args: [withoutPassword(address)] },
      fail: (on) => (on ? proxy.down() : proxy.up()),
      restart: options.restart,
    },
    close: () => proxy.close(),
  };
}

function withoutPassword(address: URL): string {
  const bare = new URL(address);
  bare.password = '';
  return bare.href;
}

/** Whoever runs the contract closes stores, and knows of no pools. */
class OwningStore extends PostgresTokenStore {
  readonly #end: () => Promise<void>;

  constructor(connectionString: string) {
    const pool = createPool(connectionString);
    super(pool);
    this.#end = async () => {
      if (!pool.ending) await pool.end();
    };
  }

  override async close(): Promise<void> {
    await super.close();
    await this.#end();
  }
}
