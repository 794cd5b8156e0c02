import type { ContractCase, StoreHarness } from '../harness.js';
import { cutStoreCases } from './cases/cut-store.js';
import { endedGrantsCases } from './cases/ended-grants.js';
import { endedProcessesCases } from './cases/ended-processes.js';
import { lostAnswersCases } from './cases/lost-answers.js';
import { oneRefreshCases, sharedOneRefreshCases } from './cases/one-refresh.js';

const cases = [...oneRefreshCases, ...lostAnswersCases, ...endedGrantsCases];

const sharedCases = [...sharedOneRefreshCases, ...endedProcessesCases, ...cutStoreCases];

/**
 * Whether tokens are renewed over this store as they have to be: the client of `@mcp-oauth/core` itself, against
 * authorization servers of the kit's own. Run each case, one at a time, with its `timeoutMs`. What `storeContract`
 * tests is taken for granted here, so that it has to pass first.
 */
export function refreshContract(harness: StoreHarness): readonly ContractCase[] {
  const all = cases.map((make) => make(harness));
  return harness.scope === 'process' ? all : [...all, ...sharedCases.map((make) => make(harness))];
}
