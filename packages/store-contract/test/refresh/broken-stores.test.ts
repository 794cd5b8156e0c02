import { expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import type { TokenStore } from '@mcp-oauth/core';
import { refreshContract } from '@mcp-oauth/store-contract';
import type { SharedHarness, StoreHarness } from '@mcp-oauth/store-contract';
import { fileHarness } from '../support/file-harness.js';

// Plain JavaScript, since processes that run no TypeScript use it too.
const { brokenStores } = (await import(new URL('broken-stores.mjs', import.meta.url).href)) as {
  readonly brokenStores: Readonly<Record<string, (store: TokenStore) => TokenStore>>;
};

/** How a store is broken, the case that catches it, and what that case says. The stores that are right pass all. */
const caught: readonly (readonly [store: string, case_: string, says: string])[] = [
  ['loses what was renewed', 'all callers in one process share', 'The renewed token set is stored'],
  ['loses the attempt', 'several clients over one storage refresh once', 'presented exactly once'],
  ['loses the attempt', 'a slow server is asked once', 'presented exactly once'],
  ['loses the attempt', 'where the server forgives a lost answer', 'in flight'],
  ['loses the attempt', 'where the server forgives nothing', 'person-'],
  ['keeps what it says it deleted', 'a grant that is revoked while', 'told that the grant is revoked'],
  ['keeps what it says it deleted', 'a grant that is forgotten while', 'told that the grant is forgotten'],
  ['keeps what it says it purged', 'a grant that is purged while', 'told that the grant is purged'],
  ['keeps what it says it deleted', 'what one process revokes or forgets', 'told to log in'],
];

const caughtAmongProcesses: typeof caught = [
  ['compares in JavaScript and then writes blindly', 'processes with many callers', 'presented exactly once'],
  ['writes a while after it said that it had', 'processes with many callers', 'presented exactly once'],
  ['loses the attempt', 'a process that is killed', 'A lease holds for its whole length'],
  ['answers from what it read before', 'what one process revokes or forgets', 'told to log in'],
  ['takes trouble for an absent record', 'a token that is good is served', 'needs no store'],
  ['takes trouble for an absent record', 'an expired token is not renewed', 'said as what it is'],
  [
    'works on in memory and writes nothing while it is out of reach',
    'an expired token is not renewed',
    'said as what it is',
  ],
  ['works on in memory and writes nothing while it is out of reach', 'tokens that arrive while', 'is stored'],
];

for (const [how, name, says] of caught) {
  test(`a store that ${how} fails "${name} …"`, async () => {
    const harness = {
      scope: 'process' as const,
      open: () => Promise.resolve(broken(how)(new MemoryTokenStore())),
    };
    await expectViolation(harness, name, says);
  }, 120_000);
}

/** The process that looks on has a store that is right, so that it sees what really stands there. */
const caughtByAnOnlooker: typeof caught = [
  [
    'compares with what it read first and writes blindly',
    'a process that stands still',
    'Everybody ends with',
  ],
];

const shared = [
  ...caughtAmongProcesses.map((row) => [...row, true] as const),
  ...caughtByAnOnlooker.map((row) => [...row, false] as const),
];

for (const [how, name, says, isBrokenHere] of shared) {
  test(`a store of several processes that ${how} fails "${name} …"`, async () => {
    const files = fileHarness();
    const harness: SharedHarness = {
      ...files,
      open: async () => (isBrokenHere ? broken(how)(await files.open()) : await files.open()),
      worker: {
        module: new URL('broken-worker.mjs', import.meta.url),
        args: [...(files.worker.args ?? []), how],
      },
    };
    try {
      await expectViolation(harness, name, says);
    } finally {
      files.remove();
    }
  }, 120_000);
}

async function expectViolation(harness: StoreHarness, name: string, says: string): Promise<void> {
  const [found, ...more] = refreshContract(harness).filter((one) => one.name.startsWith(name));
  expect([found?.name, more]).toEqual([expect.any(String), []]);
  const error = await found?.run().then(
    () => new Error('It passes.'),
    (thrown: unknown) => thrown as Error,
  );
  expect([error?.name, error?.message]).toEqual(['ContractViolation', expect.stringContaining(says)]);
}

function broken(how: string) {
  const breaking = brokenStores[how];
  if (!breaking) throw new Error(`No store is broken like this: ${how}`);
  return breaking;
}
