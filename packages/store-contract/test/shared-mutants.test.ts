import { describe, expect, test } from '@jest/globals';
import { storeContract } from '@mcp-oauth/store-contract';
import { DeafStore, ForgetfulServer, PatientStore, ResendingStore, Server } from './mutants/served-store.js';
import { expectViolation } from './support/expect-violation.js';
import { fileHarness } from './support/file-harness.js';
import { mutantHarness, servedHarness } from './support/shared-harnesses.js';

const NO_CHANGE_LOST = 'processes that change one record at once lose no change';
const ONE_DOES = 'of processes that create or take a record exactly one does';
const HANDLES = 'every handle reads what any other one has written';
const AT_ONCE = 'a process reads at once what another one wrote';
const KILLED = 'processes killed at random leave every acknowledged change and no half one';
const STOPPED = 'a process that is stopped in the middle of its work and goes on loses no change of others';
const OUT_OF_REACH =
  'a store out of reach rejects with StoreError within 10 s, and never answers that a record is absent';
const GIVEN_UP = 'a call that is given up while the store is out of reach ends soon';
const ALONE = 'a writer that is alone with a record never loses to itself, wherever its connection is cut';
const OTHERS_OUT_OF_REACH = 'processes of a store out of reach reject too, and go on when it is back';
const RESTARTED = 'what has resolved is there after the storage was restarted';

const TIMEOUT_MS = 180_000;

/** What a store in files does wrong, and the cases that must fail on it. All cases pass on the store in files itself. */
const inFiles: readonly (readonly [does: string, caughtBy: readonly string[]])[] = [
  ['compares under a lock of its process alone', [NO_CHANGE_LOST, ONE_DOES]],
  ['writes under a lock that is taken away from whoever is slow', [STOPPED]],
  ['answers from what it read before', [HANDLES, AT_ONCE]],
  ['writes a while after it said that it had', [HANDLES, AT_ONCE, KILLED]],
  ['writes a value in two steps', [KILLED]],
  ['takes trouble for an absent record', [OUT_OF_REACH]],
  ['takes trouble for an empty list', [OUT_OF_REACH]],
  ['takes trouble for a write that lost', [OUT_OF_REACH, ALONE]],
  ['takes trouble for a purge that is done', [OUT_OF_REACH]],
  ['finds itself well where it is out of reach', [OUT_OF_REACH]],
  ['lets errors of its driver through', [OUT_OF_REACH, OTHERS_OUT_OF_REACH]],
  ['never works again after trouble', [OTHERS_OUT_OF_REACH, ALONE]],
  ['works on in memory while it is out of reach', [OUT_OF_REACH, OTHERS_OUT_OF_REACH]],
];

/** What a store on a server does wrong. */
const served = [
  {
    does: 'sends again what was not answered as if it were new',
    caughtBy: ALONE,
    harness: () => servedHarness(new Server(), ResendingStore),
  },
  {
    does: 'looks at no signal while it waits',
    caughtBy: GIVEN_UP,
    harness: () => servedHarness(new Server(), DeafStore),
  },
  {
    does: 'waits longer than the port allows',
    caughtBy: OUT_OF_REACH,
    harness: () => servedHarness(new Server(), PatientStore),
  },
  {
    does: 'forgets what it has acknowledged',
    caughtBy: RESTARTED,
    harness: () => servedHarness(new ForgetfulServer()),
  },
];

describe.each(inFiles)('a store in files that %s', (does, caughtBy) => {
  test.each(caughtBy)(
    'fails: %s',
    async (name) => {
      const harness = mutantHarness(does);
      try {
        await expectViolation(storeContract(harness), name);
      } finally {
        harness.remove();
      }
    },
    TIMEOUT_MS,
  );
});

test(
  'a lock of one process passes where there is but one: that is why there are processes',
  async () => {
    const harness = mutantHarness('compares under a lock of its process alone');
    try {
      for (const { name, run } of storeContract(harness)) if (name.startsWith('of many')) await run();
    } finally {
      harness.remove();
    }
  },
  TIMEOUT_MS,
);

describe.each(served)('a store on a server that $does', ({ caughtBy, harness }) => {
  test(`fails: ${caughtBy}`, () => expectViolation(storeContract(harness()), caughtBy), TIMEOUT_MS);

  test(
    `and one that does not passes: ${caughtBy}`,
    async () => {
      await storeContract(servedHarness())
        .find(({ name }) => name === caughtBy)
        ?.run();
    },
    TIMEOUT_MS,
  );
});

test('every case for several processes catches something', () => {
  const files = fileHarness();
  const namesOf = (harness: Parameters<typeof storeContract>[0]) =>
    storeContract(harness).map(({ name }) => name);
  const ofOneProcess = namesOf({ scope: 'process', open: () => files.open() });
  const ofSeveral = namesOf(files).filter((name) => !ofOneProcess.includes(name));
  files.remove();
  const caughtBy = [...inFiles.flatMap(([, names]) => names), ...served.map(({ caughtBy: name }) => name)];
  expect(caughtBy).toEqual(expect.arrayContaining(ofSeveral));
});
