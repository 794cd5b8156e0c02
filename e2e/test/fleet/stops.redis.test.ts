import { test } from '@jest/globals';
import { expectStopsToLoseNothing, stopsDeadlineMs } from './support/stops.js';

test.each(['lenient', 'reject_reuse'] as const)(
  'B27: a holder over Redis and a %s server that is stopped past its lease comes back to a grant that lives',
  (rotation) => expectStopsToLoseNothing('redis', rotation),
  stopsDeadlineMs,
);
