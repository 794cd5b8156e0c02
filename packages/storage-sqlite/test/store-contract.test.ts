import { describe, test } from '@jest/globals';
import { SqliteTokenStore } from '@mcp-oauth/storage-sqlite';
import { storeContract } from '@mcp-oauth/store-contract';
import Database from 'better-sqlite3';
import { sqliteHarness } from './support/harness.js';

describe('the store contract, in one file for several processes', () => {
  for (const { name, run, timeoutMs } of storeContract(sqliteHarness())) test(name, run, timeoutMs);
});

describe("the store contract, on the caller's connection", () => {
  const open = () => Promise.resolve(new SqliteTokenStore({ database: new Database(':memory:') }));
  for (const { name, run, timeoutMs } of storeContract({ scope: 'process', open }))
    test(name, run, timeoutMs);
});
