import { describe, test } from '@jest/globals';
import { refreshContract, storeContract } from '@mcp-oauth/store-contract';
import { sqliteHarness } from '../../../packages/storage-sqlite/test/support/harness.js';
import { encryptedHarness } from './support/encrypted-harness.js';

describe('both contracts, encrypted in one SQLite file for several processes', () => {
  const harness = encryptedHarness(sqliteHarness(), 'sqlite-worker');
  for (const { name, run, timeoutMs } of [...storeContract(harness), ...refreshContract(harness)])
    test(name, run, timeoutMs);
});
