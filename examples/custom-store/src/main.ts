import 'reflect-metadata';
import { env, stderr, stdout } from 'node:process';
import { OAuthClientError } from '@mcp-oauth/core';
import { MissingPostgresqlError } from '@mcp-oauth/e2e/postgresql';
import { refreshContract, storeContract } from '@mcp-oauth/store-contract';
import { borrowBackend, startBackend } from './backend.js';
import { startContractHarness } from './contract-harness.js';
import { Lanes } from './lanes.js';
import type { GroupResult } from './lanes.js';
import { Report } from './report.js';
import { story } from './story.js';

/** The cases mostly wait: for leases to run out, and for processes to start. */
const laneCount = 2;
const workerModule = new URL('./store-worker.js', import.meta.url);

async function example(report: Report): Promise<void> {
  const start = performance.now();
  const databaseUrl = env['DATABASE_URL'];
  const closers: (() => Promise<void>)[] = [];
  try {
    report.line(
      `PostgresTokenStore, on ${databaseUrl === undefined ? 'a PostgreSQL started for this' : 'DATABASE_URL'}`,
    );
    const backends = [];
    for (let lane = 0; lane < laneCount; lane++) {
      const backend = await (databaseUrl === undefined ? startBackend() : borrowBackend(databaseUrl));
      closers.push(() => backend.close());
      backends.push(backend);
    }
    const running = await Promise.all(
      backends.map((backend) => startContractHarness({ ...backend, workerModule })),
    );
    closers.push(...running.map((one) => () => one.close()));
    const lanes = new Lanes(running.map(({ harness }) => harness));
    const [ofStore, ofRefreshes] = [lanes.run(storeContract), lanes.run(refreshContract)];
    await print(report, 'The contract of a token store', ofStore);
    await print(report, 'The contract of refreshes over it', ofRefreshes);
    report.heading('A login');
    const [backend] = backends;
    if (backend) await story(backend.connectionString, report);
  } finally {
    for (const close of closers.reverse()) await close();
  }
  const { checked, failed } = report;
  const verdict =
    failed === 0 ? `All ${checked} promises hold` : `${failed} of ${checked} promises do not hold`;
  report.line(`\n${verdict}, in ${seconds(performance.now() - start)}.`);
  if (failed > 0) process.exitCode = 1;
}

async function print(
  report: Report,
  contract: string,
  results: readonly Promise<GroupResult>[],
): Promise<void> {
  report.heading(contract);
  for (const result of results) {
    const { subject, cases, ms, violations } = await result;
    report.group(subject, { cases, failed: violations.length, took: seconds(ms) });
    for (const [name, message] of violations) report.line(`      ${name}\n        ${message}`);
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

const report = new Report(stdout);
try {
  await example(report);
} catch (error) {
  if (!(error instanceof OAuthClientError || error instanceof MissingPostgresqlError)) throw error;
  stderr.write(`\n${error.message}\n`);
  process.exitCode = 1;
}
