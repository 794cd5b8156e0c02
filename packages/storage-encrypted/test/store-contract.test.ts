import { describe, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import { encrypted, keyRing } from '@mcp-oauth/storage-encrypted';
import { refreshContract, storeContract } from '@mcp-oauth/store-contract';
import { encryptedFileHarness } from './support/file-harness.js';
import { key } from './support/stores.js';

describe('the store contract, encrypted in memory', () => {
  const open = () => Promise.resolve(encrypted(new MemoryTokenStore(), keyRing([key('one')])));
  for (const { name, run, timeoutMs } of storeContract({ scope: 'process', open }))
    test(name, run, timeoutMs);
});

describe('the store contract, encrypted in files', () => {
  for (const { name, run, timeoutMs } of storeContract(encryptedFileHarness())) test(name, run, timeoutMs);
});

describe('the refresh contract, encrypted in files', () => {
  for (const { name, run, timeoutMs } of refreshContract(encryptedFileHarness())) test(name, run, timeoutMs);
});
