import { afterAll, describe, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import { refreshContract } from '@mcp-oauth/store-contract';
import { fileHarness } from '../support/file-harness.js';

describe('refreshing over the store in memory', () => {
  const harness = { scope: 'process' as const, open: () => Promise.resolve(new MemoryTokenStore()) };
  for (const { name, run, timeoutMs } of refreshContract(harness)) test(name, run, timeoutMs);
});

describe('refreshing over the store in files', () => {
  const harness = fileHarness();
  for (const { name, run, timeoutMs } of refreshContract(harness)) test(name, run, timeoutMs);
  afterAll(() => {
    harness.remove();
  });
});
