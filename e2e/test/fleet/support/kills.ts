import { expect } from '@jest/globals';
import type { RotationMode } from '@mcp-oauth/e2e';
import type { BackendName } from './backends.js';
import { measured } from './measurements.js';
import { inRun } from './run-length.js';
import { runTrials, steps } from './trials.js';
import type { Step } from './trials.js';

/** The server has taken the refresh token, and what it gave for it is nowhere but in the process that dies. */
const answerIsLost: readonly Step[] = ['sent', 'answered', 'committing'];

/** Long, so that nobody who only waits for its end passes for one who has noticed that the holder is gone. */
const NEIGHBOURS_LEASE_MS = 12_000;
const LEASE_MS = 3_000;
export const killsDeadlineMs = inRun({ short: 90_000, long: 600_000 });

/** Kills the process that refreshes, at every step, and lets another one use the grant. */
export async function expectKillsToLoseNothing(backend: BackendName, rotation: RotationMode): Promise<void> {
  const identity = backend !== 'redis';
  const leaseMs = identity ? NEIGHBOURS_LEASE_MS : LEASE_MS;
  const repeated = Array.from({ length: inRun({ short: 1, long: 8 }) }, () => steps).flat();
  const recovered: number[] = [];
  let lost = 0;
  let wentAway = 0;
  await runTrials(
    {
      backend,
      rotation,
      steps: repeated,
      leaseMs,
      identity,
      deadlineMs: killsDeadlineMs,
      atOnce: 4,
    },
    async ({ holder, reached, use, owner, scene }, step) => {
      await reached();
      await holder.kill();
      const outcome = await use();
      const family = scene.server.families().find(({ subject }) => subject === owner)!;
      const label = `${step}, ${JSON.stringify(outcome)}`;
      if (rotation === 'strict' && answerIsLost.includes(step)) {
        wentAway += 1;
        lost += outcome.ok ? 0 : 1;
        expect([label, outcome.code, outcome.reason]).toEqual([
          label,
          'authorization_required',
          'outcome_unknown',
        ]);
        return;
      }
      expect([label, outcome.ok, family.revoked]).toEqual([label, true, undefined]);
      if (rotation === 'strict') expect(family.refreshes).toHaveLength(1);
      recovered.push(outcome.tookMs);
    },
  );
  const slowest = Math.max(...recovered);
  measured('SIGKILL of the process that refreshes, at every step', {
    store: backend,
    'reuse of a spent token': rotation === 'strict' ? 'ends the family' : 'is forgiven once',
    kills: repeated.length,
    'answers lost in flight': wentAway,
    'grants lost': lost,
    'slowest recovery, ms': Math.round(slowest),
  });
  expect(slowest).toBeLessThan(identity ? leaseMs / 4 : 2 * leaseMs);
}
