import type { OAuthSession } from '@mcp-oauth/core';
import { described, isStoreError, must, mustEqual, settled } from '../../violation.js';
import { sleep } from '../../scene.js';
import { lenient, onlyTheFirstEnds, strict } from '../authorization-server/behaviour.js';
import { fingerprint } from '../host/host-client.js';
import { withHostProcesses } from '../host/host-processes.js';
import { expiry, sharedRefreshPromise } from '../refresh-scene.js';
import type { SharedRefreshScene } from '../refresh-scene.js';
import { mustHaveRefreshedOncePerExpiry } from '../verdicts.js';
import { mustArrive, mustBecome } from '../waiting.js';

/** After five seconds of use the client asks the store whether what it remembers still holds. */
const REVALIDATED_MS = 6_000;
/** Storage that is there again may take a while until it is reached again. */
const RECOVERY_MS = 20_000;
const CASE_MS = 120_000;
/** To cut a store may take longer than other cases give a refresh. */
const PATIENT = { timeoutMs: 20_000, leaseMs: 40_000 };

export const cutStoreCases = [
  sharedRefreshPromise(
    'a token that is good is served while the store is out of reach',
    { server: { ...strict, lifetimeSeconds: () => 600 }, timeoutMs: CASE_MS },
    async (scene) => {
      const session = await scene.login('alice');
      const token = await session.accessToken();
      await whileCut(scene, async () => {
        const until = performance.now() + REVALIDATED_MS;
        while (performance.now() < until) {
          const outcome = await settled(session.accessToken());
          const isServed = outcome.resolved && outcome.value === token;
          must(isServed, 'A token in memory needs no store', outcome.resolved || described(outcome));
          await sleep(100);
        }
      });
      await mustRecover(session);
      mustEqual(scene.server.tokens.refreshRequests, 0, 'Nobody refreshes a token that is good');
    },
  ),

  sharedRefreshPromise(
    'an expired token is not renewed while the store is out of reach, nobody is told to log in, and it goes on by itself',
    { server: { ...strict, lifetimeSeconds: onlyTheFirstEnds }, timeoutMs: CASE_MS },
    async (scene) => {
      const { server, session } = scene;
      const warm = await scene.login('alice');
      await expiry(warm);
      const cold = session('alice');
      await whileCut(scene, async () => {
        for (const asked of [warm, cold]) {
          const outcome = await settled(asked.accessToken());
          const isTold = !outcome.resolved && isStoreError(outcome.error);
          must(isTold, 'Trouble of the store is said as what it is', outcome.resolved || described(outcome));
        }
        mustEqual(server.tokens.refreshRequests, 0, 'No refresh begins that could not be stored');
      });
      for (const asked of [warm, cold, session('alice')]) await mustRecover(asked);
      mustHaveRefreshedOncePerExpiry(server.family('alice'), 1);
    },
  ),

  sharedRefreshPromise(
    'tokens that arrive while the store is out of reach are used from memory, and stored once it is back',
    {
      server: { ...lenient, lifetimeSeconds: onlyTheFirstEnds },
      timing: PATIENT,
      timeoutMs: CASE_MS,
    },
    async (scene) => {
      const { server, session, calls } = scene;
      const holder = await scene.login('alice');
      await expiry(holder);
      const held = server.tokens.gate.holdNext('after');
      const renewal = settled(holder.accessToken());
      await mustArrive(held);
      const token = await whileCut(scene, async () => {
        held.release();
        const renewed = await renewal;
        must(renewed.resolved, 'A renewed token is used, stored or not', described(renewed));
        mustEqual(await holder.accessToken(), renewed.value, 'It is used again and again');
        return renewed.value;
      });
      mustEqual(server.accepts(token), true, 'The server accepts the token');
      const onlooker = session('alice');
      const isStored = async (): Promise<boolean> => {
        const status = await settled(onlooker.status());
        return status.resolved && status.value.generation === 2;
      };
      await mustBecome(isStored, 'What waited for the store is stored', RECOVERY_MS);
      const input = calls({ owners: ['alice'], untilGeneration: 2 });
      const reports = await withHostProcesses(scene, 1, (processes) =>
        Promise.all(processes.map((run) => run(input))),
      );
      mustHaveRefreshedOncePerExpiry(server.family('alice'), 1, reports);
      const used = reports.map(({ owners }) => owners['alice']?.token);
      mustEqual(used, [fingerprint(token)], 'Another process uses the same token');
    },
  ),
];

async function whileCut<Result>(
  { scene: { harness } }: SharedRefreshScene,
  body: () => Promise<Result>,
): Promise<Result> {
  await harness.fail(true);
  const outcome = await settled(body());
  await harness.fail(false);
  if (!outcome.resolved) throw outcome.error;
  return outcome.value;
}

/** A good token comes by itself, and until then nothing is said but that the store is in trouble. */
async function mustRecover(session: OAuthSession): Promise<void> {
  const isThere = async (): Promise<boolean> => {
    const outcome = await settled(session.accessToken());
    must(
      outcome.resolved || isStoreError(outcome.error),
      'Nobody is told anything but that the store is in trouble',
      outcome.resolved || described(outcome),
    );
    return outcome.resolved;
  };
  await mustBecome(isThere, 'A store that is back is used again', RECOVERY_MS);
}
