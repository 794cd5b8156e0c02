import { expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import type { TokenStore } from '@mcp-oauth/core';
import { refreshContract } from '@mcp-oauth/store-contract';
import type { SharedHarness, StoreHarness } from '@mcp-oauth/store-contract';
import { fileHarness } from '../support/file-harness.js';

type Breaking = (store: TokenStore) => TokenStore;

// Plain JavaScript, since processes that run no TypeScript use it too.
const { brokenStores } = (await import(new URL('broken-stores.mjs', import.meta.url).href)) as {
  readonly brokenStores: Readonly<Record<string, Breaking>>;
};

/** How a store is broken, how the case begins that catches it, and what that case says. */
type Catch = readonly [how: string, name: string, says: string];

const inOneProcess: readonly Catch[] = [
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

const amongProcesses: readonly Catch[] = [
  ['compares in JavaScript and then writes blindly', 'processes with many callers', 'presented exactly once'],
  ['writes a while after it said that it had', 'processes with many callers', 'presented exactly once'],
  ['loses the attempt', 'a process that is killed', 'A lease holds for its whole length'],
  ['answers from what it read before', 'what one process revokes or forgets', 'told to log in'],
  ['takes trouble for an absent record', 'a token that is good is served', 'needs no store'],
  ['takes trouble for an absent record', 'an expired token is not renewed', 'said as what it is'],
  ['works on in memory while it is out of reach', 'an expired token is not renewed', 'said as what it is'],
  ['works on in memory while it is out of reach', 'tokens that arrive while', 'is stored'],
];

/** Broken in the other processes alone, so that this one sees what really stands there. */
const inOtherProcesses: readonly Catch[] = [
  [
    'compares with what it read first and writes blindly',
    'a process that stands still',
    'Everybody ends with',
  ],
];

for (const [how, name, says] of inOneProcess) {
  test(`a store that ${how} fails "${name} …"`, async () => {
    const open = () => Promise.resolve(breaking(how)(new MemoryTokenStore()));
    await expectViolation({ scope: 'process', open }, name, says);
  }, 60_000);
}

for (const [how, name, says] of amongProcesses) {
  test(`a store of several processes that ${how} fails "${name} …"`, async () => {
    await withBrokenFiles(how, breaking(how), (harness) => expectViolation(harness, name, says));
  }, 60_000);
}

for (const [how, name, says] of inOtherProcesses) {
  test(`a store that ${how} in other processes fails "${name} …"`, async () => {
    await withBrokenFiles(
      how,
      (store) => store,
      (harness) => expectViolation(harness, name, says),
    );
  }, 60_000);
}

test('every case catches a store that is broken', async () => {
  const caught = [...inOneProcess, ...amongProcesses, ...inOtherProcesses].map(([, name]) => name);
  await withBrokenFiles('loses the attempt', breaking('loses the attempt'), (harness) => {
    const names = refreshContract(harness).map(({ name }) => name);
    expect(names.filter((name) => !caught.some((beginning) => name.startsWith(beginning)))).toEqual([]);
    return Promise.resolve();
  });
});

async function withBrokenFiles(
  how: string,
  here: Breaking,
  body: (harness: SharedHarness) => Promise<void>,
): Promise<void> {
  const files = fileHarness();
  try {
    await body({
      ...files,
      open: async () => here(await files.open()),
      worker: {
        module: new URL('broken-worker.mjs', import.meta.url),
        args: [...(files.worker.args ?? []), how],
      },
    });
  } finally {
    files.remove();
  }
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

function breaking(how: string): Breaking {
  const found = brokenStores[how];
  if (!found) throw new Error(`No store is broken like this: ${how}`);
  return found;
}
