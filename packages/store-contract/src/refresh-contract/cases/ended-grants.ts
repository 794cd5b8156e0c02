import type { AuthorizationRequiredError } from '@mcp-oauth/core';
import { must, mustEqual, settled } from '../../violation.js';
import { sleep } from '../../scene.js';
import { onlyTheFirstEnds, strict } from '../authorization-server/behaviour.js';
import { withHostProcesses } from '../host/host-processes.js';
import { expiry, refreshPromise } from '../refresh-scene.js';
import type { RefreshScene } from '../refresh-scene.js';
import { mustArrive, mustBecome } from '../waiting.js';

const STARTED_MS = 10_000;
/** After five seconds of use the client asks the store whether what it remembers still holds. */
const NOTICED_MS = 12_000;
const REVOKED_MS = 5_000;
/** For what must not happen to happen. */
const AFTERWARDS_MS = 500;

/** Every way in which somebody else ends Alice's grant. */
const endings: Readonly<Record<string, (scene: RefreshScene) => Promise<unknown>>> = {
  revoked: ({ session }) => session('alice').revoke(),
  forgotten: ({ session }) => session('alice').invalidate('tokens'),
  purged: async ({ store, partitions }) => {
    for (const partition of partitions) await store.purge(partition);
  },
};

export const endedGrantsCases = [
  ...Object.entries(endings).map(([ended, end]) =>
    refreshPromise(
      `a grant that is ${ended} while it is refreshed does not come back, and a new login is as good as any`,
      { server: { ...strict, lifetimeSeconds: onlyTheFirstEnds } },
      async (scene) => {
        const { login, server, store, partitions } = scene;
        const session = await login('alice');
        await expiry(session);
        const held = server.tokens.gate.holdNext('after');
        const renewal = settled(session.accessToken());
        await mustArrive(held);
        await end(scene);
        held.release();
        const outcome = await renewal;
        const error = outcome.resolved ? undefined : (outcome.error as Partial<AuthorizationRequiredError>);
        mustEqual(error?.code, 'authorization_required', `Who refreshed is told that the grant is ${ended}`);
        const family = server.family('alice');
        await mustBecome(() => family.revoked !== undefined, 'What came too late is given back', REVOKED_MS);
        for (const waitMs of [0, AFTERWARDS_MS]) {
          await sleep(waitMs);
          const left = await Promise.all([...partitions].map((partition) => store.list(partition)));
          mustEqual(left.flat(), [], `Nothing of a grant that is ${ended} comes back`);
        }
        mustEqual(server.accepts(await (await login('alice')).accessToken()), true, 'A new login is good');
      },
    ),
  ),

  refreshPromise(
    'what one process revokes or forgets is no longer served by another one a few seconds later',
    { server: { ...strict, lifetimeSeconds: () => 600 } },
    async (scene) => {
      const { login, server, calls } = scene;
      const owners = ['alice', 'bob'];
      const [alice, bob] = [await login('alice'), await login('bob')];
      await withHostProcesses(scene, 1, async ([run]) => {
        const calling = run?.(calls({ owners, atMostMs: NOTICED_MS + STARTED_MS }));
        const isCalling = (): boolean => owners.every((owner) => server.family(owner).calls > 0);
        await mustBecome(isCalling, 'The other process calls', STARTED_MS);
        await alice.revoke();
        // The server goes on accepting this one's token: only the store can tell.
        await bob.invalidate('tokens');
        const endedAt = performance.now();
        const report = await calling;
        const ends = owners.map((owner) => report?.owners[owner]?.end);
        mustEqual(ends, ['login_required', 'login_required'], 'The other process is told to log in');
        const tookMs = performance.now() - endedAt;
        must(tookMs < NOTICED_MS, 'The other process notices within seconds', tookMs);
      });
      mustEqual(server.family('bob').presented.size, 0, 'Nobody refreshes a grant that was forgotten');
    },
  ),
];
