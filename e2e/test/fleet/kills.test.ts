import { test } from '@jest/globals';
import { expectKillsToLoseNothing, killsDeadlineMs } from './support/kills.js';
import { expectRandomKillsToLoseNothing, randomKillsDeadlineMs } from './support/random-kills.js';

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

test.each(['file', 'sqlite'] as const)(
  'B01: processes that are killed at random while they write to a %s store lose no grant, and leave none half written',
  expectRandomKillsToLoseNothing,
  randomKillsDeadlineMs,
);
