import { expect, test } from '@jest/globals';
import { withFleet } from './fleet.js';
import type { Fleet, Replica } from './fleet.js';

const REVALIDATED_MS = 8_000;
const places = ['answered', 'committing'] as const;
const cases = places.flatMap((step) => [
  { step, where: 'the same process', by: 0 },
  { step, where: 'another process', by: 1 },
]);

async function login(fleet: Fleet, owner: string): Promise<void> {
  const [begun] = await fleet.replicas[0].ask('begin', [owner]);
  await fleet.replicas[1].ask('complete', await fleet.consent(begun!));
}

/** No record, no session, and no token that lives at the server. */
async function expectForgotten({ replicas, server }: Fleet, owner: string): Promise<void> {
  for (const replica of replicas) {
    expect(await replica.ask('status', owner)).toMatchObject({ state: 'logged_out' });
    expect(await replica.ask('sessions', owner)).toEqual([]);
    expect(await replica.ask('records', owner)).toBe(0);
    await refusedSoon(replica, owner);
  }
  const families = server.families().filter(({ subject }) => subject === owner);
  expect(families.map(({ revoked }) => revoked)).toEqual(families.map(() => 'revocation'));
}

/** A process that has the token in memory asks the store within five seconds of use whether it still holds. */
async function refusedSoon(replica: Replica, owner: string): Promise<void> {
  const until = performance.now() + REVALIDATED_MS;
  for (;;) {
    const { error } = await replica.tried('use', owner);
    if (error || performance.now() > until) {
      expect(error).toMatchObject({ code: 'authorization_required', reason: 'no_grant' });
      return;
    }
    await soon(100);
  }
}

test.each(cases)(
  'a login whose tokens have come ($step) when $where forgets its owner is given back, and nothing is kept',
  async ({ step, by }) => {
    await withFleet({ replicas: 2 }, async (fleet) => {
      const { replicas, server } = fleet;
      await login(fleet, 'bob');
      const [begun] = await replicas[1].ask('begin', ['alice']);
      const returning = await fleet.consent(begun!);
      await replicas[0].ask('arm', step);
      const late = replicas[0].refusal('complete', returning);
      await replicas[0].ask('halted', null);
      await replicas[by]!.ask('forget', 'alice');
      expect(server.families().find(({ subject }) => subject === 'alice')).toMatchObject({
        revoked: undefined,
      });
      await replicas[0].ask('release', null);
      expect(await late).toMatchObject({ code: 'callback_rejected', reason: 'unknown_flow' });
      await expectForgotten(fleet, 'alice');
      expect(await replicas[0].ask('use', 'bob')).toMatchObject({ state: 'logged_in' });
      await login(fleet, 'alice');
      expect(await replicas[0].ask('use', 'alice')).toMatchObject({ state: 'logged_in' });
    });
  },
);

test.each(cases)(
  'a refresh whose tokens have come ($step) when $where forgets its owner is given back, and nothing is kept',
  async ({ step, by }) => {
    await withFleet({ replicas: 2, server: { accessTokenTtl: 1 } }, async (fleet) => {
      const { replicas, server } = fleet;
      await login(fleet, 'alice');
      await soon(1_050);
      await replicas[0].ask('arm', step);
      const late = replicas[0].refusal('use', 'alice');
      await replicas[0].ask('halted', null);
      expect(server.families()[0]).toMatchObject({ generation: 2 });
      await replicas[by]!.ask('forget', 'alice');
      await replicas[0].ask('release', null);
      expect(await late).toMatchObject({ code: 'authorization_required', reason: 'no_grant' });
      await expectForgotten(fleet, 'alice');
    });
  },
);

test('a callback of before its owner was forgotten is refused by every process, and sends nothing', async () => {
  await withFleet({ replicas: 2 }, async (fleet) => {
    const { replicas, server } = fleet;
    const begun = [
      ...(await replicas[0].ask('begin', ['alice'])),
      ...(await replicas[1].ask('begin', ['alice'])),
    ];
    const returning = await Promise.all(begun.map((one) => fleet.consent(one)));
    await replicas[1].ask('forget', 'alice');
    for (const [index, person] of returning.entries())
      expect(await replicas[index]!.refusal('complete', person)).toMatchObject({
        code: 'callback_rejected',
        reason: 'unknown_flow',
      });
    expect(server.counts().token).toBe(0);
    await expectForgotten(fleet, 'alice');
  });
});

test.each([
  { what: 'was there before', profile: 'default' },
  { what: 'is new', profile: 'new' },
])(
  'a login that completes while its owner is being forgotten is revoked as well, where its record $what',
  async ({ profile }) => {
    await withFleet({ replicas: 2 }, async (fleet) => {
      const { replicas, server } = fleet;
      await login(fleet, 'alice');
      // Not with the server's answer: that is waited for no longer than 3 s.
      await replicas[1].ask('arm', 'deleting');
      const forgotten = replicas[1].ask('forget', 'alice');
      await replicas[1].ask('halted', null);
      const begun = await replicas[0].ask('beginAs', { owner: 'alice', profile });
      await replicas[0].ask('complete', await fleet.consent(begun));
      await replicas[1].ask('release', null);
      await forgotten;
      expect(server.families()).toHaveLength(2);
      await expectForgotten(fleet, 'alice');
    });
  },
  30_000,
);

function soon(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
