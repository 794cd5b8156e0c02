import { describe, expect, test } from '@jest/globals';
import { storeContract } from '@mcp-oauth/store-contract';
import type { TokenStore } from '@mcp-oauth/core';
import { callMutants } from './mutants/calls.js';
import { expiryMutants } from './mutants/expiry.js';
import { keyMutants } from './mutants/keys.js';
import { PlainStore } from './mutants/plain-store.js';
import { recordMutants } from './mutants/records.js';
import { valueMutants } from './mutants/values.js';
import { versionMutants } from './mutants/versions.js';
import { watchMutants } from './mutants/watching.js';
import { expectViolation } from './support/expect-violation.js';

const mutants = [
  ...recordMutants,
  ...versionMutants,
  ...expiryMutants,
  ...keyMutants,
  ...valueMutants,
  ...callMutants,
  ...watchMutants,
];

const casesOf = (Store: new () => TokenStore) =>
  storeContract({ scope: 'process', open: () => Promise.resolve(new Store()) });

describe('the store that the mutants are made of is right', () => {
  for (const { name, run, timeoutMs } of casesOf(PlainStore)) test(name, run, timeoutMs);
});

describe.each(mutants)('a store that $does', ({ caughtBy, Store }) => {
  test.each(caughtBy)('fails: %s', async (name) => {
    await expectViolation(casesOf(Store), name);
  });
});

test('every case catches something', () => {
  const names = casesOf(PlainStore).map(({ name }) => name);
  expect(new Set(mutants.flatMap(({ caughtBy }) => caughtBy))).toEqual(new Set(names));
});
