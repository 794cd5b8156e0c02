import { test } from '@jest/globals';
import { deadline, expectOneRefreshPerExpiry } from './support/refreshes-per-expiry.js';
import { inRun } from './support/run-length.js';

const backend = 'redis';
const expiries = inRun({ short: 20, long: 300 });

test(
  'B24: 32 processes with 32 callers each on one Redis refresh once per expiry, and none fails',
  () =>
    expectOneRefreshPerExpiry({
      backend,
      processes: 32,
      callers: 32,
      expiries,
      refresh: { timeoutMs: 5_000, leaseMs: 10_000 },
    }),
  deadline(expiries) + 30_000,
);

test(
  'with the default lease and timeout Redis does the same',
  () => expectOneRefreshPerExpiry({ backend, processes: 4, callers: 16, expiries: 3 }),
  deadline(3) + 30_000,
);
