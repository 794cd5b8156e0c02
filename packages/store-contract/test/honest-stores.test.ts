import { afterAll, describe, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import { storeContract } from '@mcp-oauth/store-contract';
import { fileHarness } from './support/file-harness.js';

describe('the store in memory', () => {
  const harness = { scope: 'process' as const, open: () => Promise.resolve(new MemoryTokenStore()) };
  for (const { name, run, timeoutMs } of storeContract(harness)) test(name, run, timeoutMs);
});

describe('the store in files', () => {
  const harness = fileHarness();
  for (const { name, run, timeoutMs } of storeContract(harness)) test(name, run, timeoutMs);
  afterAll(() => {
    harness.remove();
  });
});
