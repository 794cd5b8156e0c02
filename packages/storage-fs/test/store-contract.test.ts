import { test } from '@jest/globals';
import { storeContract } from '@mcp-oauth/store-contract';
import { directoryHarness } from './support/harness.js';

for (const { name, run, timeoutMs } of storeContract(directoryHarness())) test(name, run, timeoutMs);
