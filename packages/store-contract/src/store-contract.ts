import { callCases } from './cases/calls.js';
import { expiryCases } from './cases/expiry.js';
import { listingCases } from './cases/listing.js';
import { outageCases } from './cases/outages.js';
import { partitionCases } from './cases/partitions.js';
import { processCases } from './cases/processes.js';
import { purgeCases } from './cases/purge.js';
import { recordCases } from './cases/records.js';
import { valueCases } from './cases/values.js';
import { versionCases } from './cases/versions.js';
import { watchCases } from './cases/watching.js';
import { casesOf } from './grouped-cases.js';
import type { ContractCase, StoreHarness } from './harness.js';

const groups = {
  'reads and writes': recordCases,
  versions: versionCases,
  expiry: expiryCases,
  'keys and partitions': partitionCases,
  lists: listingCases,
  purges: purgeCases,
  values: valueCases,
  'check, signals and close': callCases,
  watching: watchCases,
};

const sharedGroups = { processes: processCases, outages: outageCases };

/**
 * Everything that a `TokenStore` promises, as cases for any test runner: run each of them, one at a time, with its
 * `timeoutMs`. No case depends on another one, and none can be left out.
 */
export function storeContract(harness: StoreHarness): readonly ContractCase[] {
  const all = casesOf(groups, harness);
  return harness.scope === 'process' ? all : [...all, ...casesOf(sharedGroups, harness)];
}
