import { expect } from '@jest/globals';
import type { RotationMode } from '@mcp-oauth/e2e';
import type { BackendName } from './backends.js';
import { measured } from './measurements.js';
import { inRun } from './run-length.js';
import { runTrials, soon } from './trials.js';
import type { Step } from './trials.js';

const LEASE_MS = 3_000;
export const stopsDeadlineMs = inRun({ short: 90_000, long: 600_000 });

/** `sending` is missing: who is stopped between its last look at the clock and the first byte sends a spent token. */
const stopped: readonly Step[] = ['leased', 'sent', 'answered', 'committing'];

/**
 * In leases. After the first, another process has taken the refresh over and waits for the late success; after the
 * second it has given the grant up and marked it, where the server refused.
 */
const lengths = [1.4, 2.6];

interface HolderOutcome {
  readonly ok: boolean;
  readonly generation: number;
  readonly token?: string;
  readonly code?: string;
  readonly reason?: string;
}

/** Stops the process that refreshes for longer than its lease, lets another one use the grant meanwhile, and goes on. */
export async function expectStopsToLoseNothing(backend: BackendName, rotation: RotationMode): Promise<void> {
  // Without an identity, as between hosts: that process is not gone, and nobody can know.
  const options = {
    backend,
    rotation,
    leaseMs: LEASE_MS,
    identity: false,
    deadlineMs: stopsDeadlineMs,
    atOnce: 8,
  };
  const repeated = Array.from({ length: inRun({ short: 2, long: 6 }) }, () => stopped).flat();
  let adopted = 0;
  let superseded = 0;
  let lost = 0;
  let marked = 0;
  await runTrials(
    { ...options, steps: repeated },
    async ({ number, holder, reached, use, owner, scene }, step) => {
      const length = lengths[Math.floor((number - 1) / stopped.length) % lengths.length]!;
      await reached();
      holder.signal('SIGSTOP');
      const meanwhile = use();
      await soon(LEASE_MS * length);
      holder.signal('SIGCONT');
      holder.send('go on');
      const late = (await holder.result()) as HolderOutcome;
      const inBetween = await meanwhile;
      const after = await use();
      const family = scene.server.families().find(({ subject }) => subject === owner)!;
      if (!after.ok) lost++;
      const label = `${step}, ${String(length)} leases: ${JSON.stringify({ late, inBetween, after })}`;
      expect([label, after.ok, after.generation, family.revoked]).toEqual([label, true, 2, undefined]);
      // What comes late is not written over what others have meanwhile, and everybody ends with one token.
      expect([label, late.ok, late.token]).toEqual([label, true, after.token]);
      if (!inBetween.ok) {
        marked++;
        expect([label, inBetween.reason]).toEqual([label, 'outcome_unknown']);
      } else expect([label, inBetween.token]).toEqual([label, after.token]);
      // Two refreshes were taken where the server forgave, and only one can be what everybody uses.
      if (inBetween.ok && family.refreshes.filter(({ outcome }) => outcome === 'rotated').length > 1)
        superseded++;
      else adopted++;
    },
  );
  measured('SIGSTOP of the process that refreshes, past its lease', {
    store: backend,
    'reuse of a spent token': rotation === 'lenient' ? 'is forgiven once' : 'is refused',
    stops: repeated.length,
    'marked meanwhile': marked,
    'late success adopted': adopted,
    'late success superseded': superseded,
    'grants lost': lost,
  });
}
