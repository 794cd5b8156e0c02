import { test } from '@jest/globals';
import { expectStopsToLoseNothing, stopsDeadlineMs } from './support/stops.js';

test.each([
  ['file', 'lenient'],
  ['file', 'reject_reuse'],
  ['sqlite', 'lenient'],
  ['sqlite', 'reject_reuse'],
] as const)(
  'B27: a holder over a %s store and a %s server that is stopped past its lease comes back to a grant that lives',
  expectStopsToLoseNothing,
  stopsDeadlineMs,
);
