import type { ContractCase, StoreHarness } from '../harness.js';
import { oneRefreshCases, sharedOneRefreshCases } from './cases/one-refresh.js';

const cases = [...oneRefreshCases];

const sharedCases = [...sharedOneRefreshCases];

/**
 * Whether tokens are renewed over this store as they have to be: the client of `@mcp-oauth/core` itself, against
 * authorization servers of the kit's own. Run each case, one at a time, with its `timeoutMs`. What `storeContract`
 * tests is taken for granted here, so that it has to pass first.
 */
export function refreshContract(harness: StoreHarness): readonly ContractCase[] {
  const all = cases.map((make) => make(harness));
  return harness.scope === 'process' ? all : [...all, ...sharedCases.map((make) => make(harness))];
}
