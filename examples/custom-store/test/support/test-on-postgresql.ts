import { afterAll, beforeAll, test } from '@jest/globals';
import { startPostgresql } from '@mcp-oauth/e2e/postgresql';
import type { PostgresqlServer } from '@mcp-oauth/e2e/postgresql';
import type { ContractCase, SharedHarness } from '@mcp-oauth/store-contract';
import { startContractHarness } from '../../src/contract-harness.js';
import type { ContractHarness } from '../../src/contract-harness.js';
import { createPool } from '../../src/pool.js';
import { migrate } from '../../src/records-table.js';

/** Makes a test of every case of a contract. Called once in a file, so that files run beside each other. */
export function testOnPostgresql(contract: (harness: SharedHarness) => readonly ContractCase[]): void {
  let server: PostgresqlServer;
  let running: ContractHarness;
  beforeAll(async () => {
    server = await startPostgresql();
    const pool = createPool(server.connectionString);
    await migrate(pool);
    await pool.end();
    running = await startContractHarness({
      connectionString: server.connectionString,
      restart: () => server.restart(),
      workerModule: new URL('../../dist/store-worker.js', import.meta.url),
    });
  }, 30_000);
  afterAll(async () => {
    await running.close();
    await server.close();
  });

  // Which cases there are is known before there is a server to run them on.
  const harness: SharedHarness = {
    scope: 'shared',
    open: () => running.harness.open(),
    get worker() {
      return running.harness.worker;
    },
    fail: (on) => running.harness.fail(on),
    restart: () => running.harness.restart(),
  };
  for (const { name, run, timeoutMs } of contract(harness)) test(name, run, timeoutMs);
}
