import { expect, test } from '@jest/globals';
import { StoreError } from '@mcp-oauth/core';
import { refreshContract, storeContract } from '@mcp-oauth/store-contract';
import type { SharedHarness } from '@mcp-oauth/store-contract';
import { promise, sharedPromise, write } from '../src/scene.js';
import { must } from '../src/violation.js';
import { PlainStore } from './mutants/plain-store.js';
import { Server, ServedStore } from './mutants/served-store.js';
import { servedHarness } from './support/shared-harnesses.js';

const inMemory = { scope: 'process' as const, open: () => Promise.resolve(new PlainStore()) };
const messageOf = (run: Promise<void>) =>
  run.then(
    () => 'it passes',
    (error: unknown) => String(error),
  );

test('a case that does not end is a violation, and its storage is in reach again', async () => {
  const server = new Server();
  const never = sharedPromise(
    'never',
    async ({ harness }) => {
      await harness.fail(true);
      await new Promise<void>(() => undefined);
    },
    50,
  );
  expect(await messageOf(never(servedHarness(server)).run())).toMatch(
    /^ContractViolation: The store had not done it within 50 ms \(seed \d+\)$/,
  );
  expect(server.isCut).toBe(false);
});

test('what is left running of a case that was given up does not cut the storage of the next one', async () => {
  const server = new Server();
  let cutAgain = () => Promise.resolve();
  const never = sharedPromise(
    'never',
    async ({ harness }) => {
      cutAgain = () => harness.fail(true);
      await new Promise<void>(() => undefined);
    },
    20,
  );
  await messageOf(never(servedHarness(server)).run());
  await cutAgain();
  expect(server.isCut).toBe(false);
});

test('a case leaves no record and no open handle, whatever it did', async () => {
  const server = new Server();
  const handles: ServedStore[] = [];
  class Watched extends ServedStore {
    constructor(of: Server) {
      super(of);
      handles.push(this);
    }
  }
  const failing = sharedPromise('fails', async ({ open, key, partition }) => {
    const store = await open();
    const [at, elsewhere] = [key(), { partition: partition('-x'), id: 'y' }];
    await write(store, at, null, 'left');
    await write(store, elsewhere, null, 'left');
    await store.close();
    must(false, 'This holds never', at.partition.length);
  });
  expect(await messageOf(failing(servedHarness(server, Watched)).run())).toMatch(
    /^ContractViolation: This holds never\. Seen: 19 \(seed \d+\)$/,
  );
  expect(server.size).toBe(0);
  for (const handle of handles) await expect(handle.check()).rejects.toMatchObject({ code: 'store_failed' });
});

test('trouble of the store where there should be none is a violation that tells it', async () => {
  const troubled = promise('fails', () => Promise.reject(new StoreError('unavailable', 'The disk is gone.')));
  const run = troubled(inMemory).run();
  expect(await messageOf(run)).toMatch(
    /^ContractViolation: Nothing fails where nothing is wrong\. Seen: it rejected with The disk is gone\. \(code store_failed\) \(seed \d+\)$/,
  );
  await expect(run).rejects.toMatchObject({
    cause: expect.objectContaining({ code: 'store_failed' }) as unknown,
  });
});

test('what went wrong first is told, not that closing failed too', async () => {
  class Unclosable extends PlainStore {
    override close(): Promise<void> {
      return Promise.reject(new TypeError('not closed'));
    }
  }
  const harness = { scope: 'process' as const, open: () => Promise.resolve(new Unclosable()) };
  const failing = promise('fails', async ({ open }) => {
    await open();
    must(false, 'This holds never');
  });
  const passing = promise('passes', async ({ open }) => {
    await open();
  });
  expect(await messageOf(failing(harness).run())).toContain('This holds never');
  expect(await messageOf(passing(harness).run())).toContain('not closed');
});

test('a harness that can not open the store is a violation, even if it throws instead of rejecting', async () => {
  const harness: SharedHarness = {
    ...servedHarness(),
    open: () => {
      throw new StoreError('unavailable', 'No server is there.');
    },
  };
  const opening = sharedPromise('opens', async ({ open }) => {
    await open();
  });
  expect(await messageOf(opening(harness).run())).toContain('No server is there.');
});

test('the cases of a subject are in a row, and no two cases have one name', () => {
  const cases = [
    ...storeContract(servedHarness(new Server())),
    ...refreshContract(servedHarness(new Server())),
  ];
  const changes = cases.filter(({ subject }, index) => subject !== cases[index - 1]?.subject);
  expect(changes.length).toBe(new Set(cases.map(({ subject }) => subject)).size);
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
});
