import { must, mustEqual, settled } from '../../violation.js';
import { withWorkers } from '../../processes/with-workers.js';
import { sleep } from '../../scene.js';
import { lenient, onlyTheFirstEnds, strict } from '../authorization-server/behaviour.js';
import { fingerprint } from '../host/host-client.js';
import { callsOf } from '../host/host-processes.js';
import { expiry, sharedRefreshPromise } from '../refresh-scene.js';
import { mustHaveRefreshedOncePerExpiry } from '../verdicts.js';
import { mustArrive, mustBecome } from '../waiting.js';

/** A lease whose end is waited for. */
const SHORT = { timeoutMs: 2_500, leaseMs: 5_000 };
/** Long enough for a stopped process to be really stopped. */
const STOPPED_MS = 100;

export const endedProcessesCases = [
  sharedRefreshPromise(
    'a process that is killed while it refreshes is succeeded by another once its lease is over, and nobody has to log in',
    { server: { ...strict, lifetimeSeconds: onlyTheFirstEnds }, timing: SHORT },
    async ({ scene, server, login, calls }) => {
      await expiry(await login('alice'));
      const input = calls({ owners: ['alice'], callers: 4, untilGeneration: 2 });
      await withWorkers(scene.harness.worker, 3, async ([holder, ...heirs]) => {
        if (!holder) return;
        const held = server.tokens.gate.holdNext('before');
        holder.run('refresh', input);
        await mustArrive(held);
        const began = performance.now();
        const inherited = Promise.all(heirs.map((heir) => callsOf(heir, input)));
        await holder.kill();
        await mustBecome(() => held.isGone, 'The connection of a process ends with it', 5_000);
        held.release();
        const reports = await inherited;
        const tookMs = performance.now() - began;
        must(tookMs >= SHORT.leaseMs * 0.9, 'A lease holds for its whole length', tookMs);
        must(tookMs <= SHORT.leaseMs * 4, 'A lease that is over is taken soon', tookMs);
        mustHaveRefreshedOncePerExpiry(server.family('alice'), 1, reports);
      });
      mustEqual(server.tokens.refreshRequests, 2, 'One refresh was begun by the dead and one by an heir');
    },
  ),

  sharedRefreshPromise(
    'a process that stands still past its lease after the server answered it never takes the record back',
    { server: { ...lenient, lifetimeSeconds: onlyTheFirstEnds }, timing: SHORT },
    async ({ scene, server, login, session, calls }) => {
      await expiry(await login('alice'));
      const input = calls({ owners: ['alice'], callers: 4, untilGeneration: 2 });
      const onlooker = session('alice');
      const reports = await withWorkers(scene.harness.worker, 3, async ([holder, ...heirs]) => {
        if (!holder) return [];
        const held = server.tokens.gate.holdNext('after');
        const late = callsOf(holder, input);
        const holderAtWork = { isOver: false };
        const over = settled(late).then(() => {
          holderAtWork.isOver = true;
        });
        await mustArrive(held);
        holder.stop();
        await sleep(STOPPED_MS);
        held.release();
        const others = await Promise.all(heirs.map((heir) => callsOf(heir, input)));
        const generations = [(await onlooker.status()).generation ?? 0];
        holder.continue();
        while (!holderAtWork.isOver) {
          generations.push((await onlooker.status()).generation ?? 0);
          await sleep(5);
        }
        await over;
        generations.push((await onlooker.status()).generation ?? 0);
        mustEqual([...new Set(generations)], [2], 'The generation of the record never goes back');
        return [...others, await late, await callsOf(holder, input)];
      });
      const failures = reports.flatMap((report) => report.failures);
      must(failures.length === 0, 'No call fails', failures.slice(0, 3));
      const token = await onlooker.accessToken();
      mustEqual(server.accepts(token), true, 'The server accepts the token that is stored');
      const used = new Set(reports.map(({ owners }) => owners['alice']?.token));
      mustEqual([...used], [fingerprint(token)], 'Everybody ends with the token that is stored');
      const { grantId, generation } = await onlooker.currentToken();
      const next = await onlooker.currentToken({ rejected: { grantId, generation } });
      mustEqual(
        [next.generation, server.accepts(next.access_token)],
        [3, true],
        'The refresh token that is stored is good, too',
      );
    },
  ),
];
