import { describe, test } from '@jest/globals';
import { refreshContract } from '@mcp-oauth/store-contract';
import { sqliteHarness } from './support/harness.js';

describe('refreshing over one file for several processes', () => {
  for (const { name, run, timeoutMs } of refreshContract(sqliteHarness())) test(name, run, timeoutMs);
});
