import { casesOf } from '../grouped-cases.js';
import type { ContractCase, StoreHarness } from '../harness.js';
import { cutStoreCases } from './cases/cut-store.js';
import { endedGrantsCases } from './cases/ended-grants.js';
import { endedProcessesCases } from './cases/ended-processes.js';
import { lostAnswersCases } from './cases/lost-answers.js';
import { oneRefreshCases, sharedOneRefreshCases } from './cases/one-refresh.js';

const groups = {
  'one refresh in a process': oneRefreshCases,
  'lost answers': lostAnswersCases,
  'ended grants': endedGrantsCases,
};

const sharedGroups = {
  'one refresh among processes': sharedOneRefreshCases,
  'killed and stopped processes': endedProcessesCases,
  'a store out of reach': cutStoreCases,
};

/**
 * Whether tokens are renewed over this store as they have to be: the client of `@mcp-oauth/core` itself, against
 * authorization servers of the kit's own. Run each case, one at a time, with its `timeoutMs`. What `storeContract`
 * tests is taken for granted here, so that it has to pass first.
 */
export function refreshContract(harness: StoreHarness): readonly ContractCase[] {
  const all = casesOf(groups, harness);
  return harness.scope === 'process' ? all : [...all, ...casesOf(sharedGroups, harness)];
}
