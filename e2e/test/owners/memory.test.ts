import { expect, test } from '@jest/globals';
import { runWorkers } from '@mcp-oauth/e2e';
import { measured } from '../fleet/support/measurements.js';

/** So many sessions, and so many providers, stay in the memory of a process. */
const KEPT = 1_000;
const MOST_BYTES = 100;
const module = new URL('memory-worker.mjs', import.meta.url);

test.each([
  { visit: 'access token', owners: 100_000 },
  { visit: 'request', owners: 20_000 },
  { visit: 'transport', owners: 20_000 },
  { visit: 'OAuth provider', owners: 20_000 },
  { visit: 'login begun', owners: 5_000 },
  { visit: 'list of logins', owners: 20_000 },
  { visit: 'forgotten', owners: 20_000 },
])(
  'an owner who has been here and went leaves next to nothing in memory: $visit',
  async ({ visit, owners }) => {
    const [result] = await runWorkers({
      module,
      count: 1,
      input: () => ({ visit, kept: KEPT, owners }),
      execArgv: ['--expose-gc'],
      deadlineMs: 120_000,
    });
    const { bytes } = result as { readonly bytes: number };
    const each = bytes / owners;
    measured('Memory of one process, beyond the 1 000 owners that it keeps there', {
      visit,
      owners,
      'bytes each': each.toFixed(1),
    });
    expect(each).toBeLessThan(MOST_BYTES);
  },
  130_000,
);
