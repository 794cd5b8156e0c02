import { test } from '@jest/globals';
import { deadline, expectOneRefreshPerExpiry } from './support/refreshes-per-expiry.js';
import { inRun } from './support/run-length.js';

const expiries = inRun({ short: 20, long: 300 });
const short = { timeoutMs: 5_000, leaseMs: 10_000 };

test.each(['file', 'sqlite'] as const)(
  'B23: 16 processes with 64 callers each on one %s store refresh once per expiry, and none fails',
  (backend) => expectOneRefreshPerExpiry({ backend, processes: 16, callers: 64, expiries, refresh: short }),
  deadline(expiries) + 30_000,
);

test.each(['file', 'sqlite'] as const)(
  'with the default lease and timeout a %s store does the same',
  (backend) => expectOneRefreshPerExpiry({ backend, processes: 4, callers: 16, expiries: 3 }),
  deadline(3) + 30_000,
);
