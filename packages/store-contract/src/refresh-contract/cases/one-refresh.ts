import { lenient, onlyTheFirstEnds, strict } from '../authorization-server/behaviour.js';
import { callRepeatedly } from '../host/calls.js';
import { withHostProcesses } from '../host/host-processes.js';
import { expiry, refreshPromise, sharedRefreshPromise } from '../refresh-scene.js';
import { mustHaveRefreshedOncePerExpiry } from '../verdicts.js';
import { mustEqual } from '../../violation.js';

const CALLERS = 20;
const CLIENTS = 4;
const PROCESSES = 4;
const EXPIRIES = 5;

export const oneRefreshCases = [
  refreshPromise(
    'all callers in one process share one refresh of an expired token',
    { server: { ...strict, lifetimeSeconds: onlyTheFirstEnds } },
    async ({ login, server }) => {
      const session = await login('alice');
      await expiry(session);
      const tokens = await Promise.all(Array.from({ length: CALLERS }, () => session.accessToken()));
      mustEqual(new Set(tokens).size, 1, 'All callers get the same token');
      mustEqual(server.accepts(tokens[0] ?? ''), true, 'The server accepts the token');
      mustHaveRefreshedOncePerExpiry(server.family('alice'), 1);
      mustEqual((await session.status()).generation, 2, 'The renewed token set is stored');
    },
  ),

  refreshPromise(
    'several clients over one storage refresh once per expiry, and no call fails',
    { server: strict },
    async ({ login, server, scene, store, calls }) => {
      await login('alice');
      const handles = await Promise.all(Array.from({ length: CLIENTS }, () => scene.another(store)));
      const input = calls({ owners: ['alice'], callers: 5, untilGeneration: 4 });
      const reports = await Promise.all(handles.map((handle) => callRepeatedly(handle, input)));
      mustHaveRefreshedOncePerExpiry(server.family('alice'), 3, reports);
    },
  ),

  refreshPromise(
    'a slow server is asked once, and nobody who waits for it gives up',
    { server: { ...lenient, lifetimeSeconds: onlyTheFirstEnds, latencyMs: 2_000 } },
    async (refreshScene) => {
      const { login, server, calls } = refreshScene;
      await expiry(await login('alice'));
      const input = calls({ owners: ['alice'], callers: 8, untilGeneration: 2 });
      const reports = await withHostProcesses(refreshScene, 3, (processes) =>
        Promise.all(processes.map((run) => run(input))),
      );
      mustHaveRefreshedOncePerExpiry(server.family('alice'), 1, reports);
    },
  ),
];

export const sharedOneRefreshCases = [
  sharedRefreshPromise(
    'processes with many callers refresh once per expiry, one at a time, and no call fails',
    { server: strict },
    async (refreshScene) => {
      const { login, server, calls } = refreshScene;
      await login('alice');
      const input = calls({ owners: ['alice'], callers: 16, untilGeneration: EXPIRIES + 1 });
      const reports = await withHostProcesses(refreshScene, PROCESSES, (processes) =>
        Promise.all(processes.map((run) => run(input))),
      );
      mustHaveRefreshedOncePerExpiry(server.family('alice'), EXPIRIES, reports);
    },
  ),
];
