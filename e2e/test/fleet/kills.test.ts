import { test } from '@jest/globals';
import { expectKillsToLoseNothing, killsDeadlineMs } from './support/kills.js';

test.each([
  ['file', 'strict'],
  ['file', 'lenient'],
  ['sqlite', 'strict'],
  ['sqlite', 'lenient'],
] as const)(
  'B02, B26: a kill at any step of a refresh over a %s store and a %s server loses no grant whose answer was not lost',
  expectKillsToLoseNothing,
  killsDeadlineMs,
);
