import { expect, test } from '@jest/globals';
import { withFleet } from './fleet.js';

const rejected = (reason: string) => ({ code: 'callback_rejected', reason });

test('a login whose process was killed ends at another one, and whoever has no right to it changes nothing', async () => {
  await withFleet({ replicas: 3 }, async (fleet) => {
    const { replicas, server } = fleet;
    const [beginner, second, third] = replicas;
    const [begun] = await beginner.ask('begin', ['alice']);
    const [other] = await second.ask('begin', ['alice']);
    const returning = await fleet.consent(begun!);
    await beginner.kill();
    const state = new URL(returning.callback).searchParams.get('state')!;
    const withState = (forged: string) => {
      const url = new URL(returning.callback);
      url.searchParams.set('state', forged);
      return url.href;
    };
    const forgeries = [
      { person: { ...returning, owner: 'mallory' }, reason: 'owner_mismatch' },
      { person: { ...returning, owner: 'alice ' }, reason: 'owner_mismatch' },
      { person: { ...returning, binding: other!.binding }, reason: 'binding_mismatch' },
      { person: { ...returning, binding: '' }, reason: 'binding_mismatch' },
      { person: { ...returning, callback: withState('made-up') }, reason: 'state_mismatch' },
      {
        person: { ...returning, callback: withState(`${state.slice(0, -4)}AAAA`) },
        reason: 'state_mismatch',
      },
    ];
    const before = await second.ask('records', 'alice');
    for (const { person, reason } of forgeries) {
      for (const replica of [second, third!])
        expect(await replica.refusal('complete', person)).toMatchObject(rejected(reason));
    }
    expect(await second.ask('records', 'alice')).toBe(before);
    expect(await second.ask('records', 'mallory')).toBe(0);
    expect(server.counts().token).toBe(0);
    await third!.ask('complete', returning);
    expect(await second.ask('use', 'alice')).toMatchObject({ state: 'logged_in' });
    for (const replica of [second, third!])
      expect(await replica.refusal('complete', returning)).toMatchObject(rejected('unknown_flow'));
    expect(server.counts().token).toBe(1);
  });
}, 30_000);

test('of forty browsers that bring the same callback to three processes, one is let in', async () => {
  await withFleet({ replicas: 3 }, async (fleet) => {
    const { replicas, server } = fleet;
    const [begun] = await replicas[0].ask('begin', ['alice']);
    const returning = await fleet.consent(begun!);
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, index) => replicas[index % 3]!.tried('complete', returning)),
    );
    const refused = outcomes.flatMap(({ error }) => error ?? []);
    expect(refused).toHaveLength(39);
    for (const error of refused) expect(error).toMatchObject(rejected('unknown_flow'));
    expect(server.counts().token).toBe(1);
    expect(server.families()).toMatchObject([{ revoked: undefined }]);
    expect(await replicas[2]!.ask('use', 'alice')).toMatchObject({ state: 'logged_in' });
  });
}, 30_000);

test('beyond twenty logins that one owner has begun at two processes the oldest end, and others lose none', async () => {
  await withFleet({ replicas: 2 }, async (fleet) => {
    const { replicas } = fleet;
    const [bobs] = await replicas[0].ask('begin', ['bob']);
    const begun = [];
    for (let index = 0; index < 25; index++) {
      const [login] = await replicas[index % 2]!.ask('begin', ['alice']);
      begun.push(login!);
      await soon(2);
    }
    // The flows, and the record that they will be committed over.
    for (const replica of replicas) expect(await replica.ask('records', 'alice')).toBe(21);
    for (const [index, login] of begun.slice(0, 5).entries())
      expect(await replicas[index % 2]!.refusal('complete', await fleet.consent(login))).toMatchObject(
        rejected('unknown_flow'),
      );
    await replicas[0].ask('complete', await fleet.consent(begun[5]!));
    await replicas[1].ask('complete', await fleet.consent(begun[24]!));
    await replicas[1].ask('complete', await fleet.consent(bobs!));
  });
}, 30_000);

test('twenty-five logins that one owner begins at once, over two processes, leave twenty and the newest works', async () => {
  await withFleet({ replicas: 2 }, async (fleet) => {
    const { replicas } = fleet;
    await Promise.all(Array.from({ length: 25 }, (_, index) => replicas[index % 2]!.ask('begin', ['alice'])));
    expect(await replicas[0].ask('records', 'alice')).toBe(21);
    const [newest] = await replicas[0].ask('begin', ['alice']);
    await replicas[1].ask('complete', await fleet.consent(newest!));
    expect(await replicas[0].ask('use', 'alice')).toMatchObject({ state: 'logged_in' });
  });
}, 30_000);

test('a login is good for ten minutes by the clock of the process where it ends', async () => {
  await withFleet({ replicas: 2, aheadMs: 10.1 * 60_000 }, async (fleet) => {
    const { replicas, server } = fleet;
    const [begun] = await replicas[0].ask('begin', ['alice']);
    const returning = await fleet.consent(begun!);
    expect(await replicas[1].refusal('complete', returning)).toMatchObject(rejected('unknown_flow'));
    expect(server.counts().token).toBe(0);
    await replicas[0].ask('complete', returning);
  });
}, 30_000);

function soon(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
