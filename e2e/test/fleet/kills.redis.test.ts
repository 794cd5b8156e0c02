import { test } from '@jest/globals';
import { expectKillsToLoseNothing, killsDeadlineMs } from './support/kills.js';
import { expectRandomKillsToLoseNothing, randomKillsDeadlineMs } from './support/random-kills.js';

test.each(['strict', 'lenient'] as const)(
  'B02, B26: a kill at any step of a refresh over Redis and a %s server loses no grant whose answer was not lost',
  (rotation) => expectKillsToLoseNothing('redis', rotation),
  killsDeadlineMs,
);

test(
  'B01: processes that are killed at random while they write to Redis lose no grant, and leave none half written',
  () => expectRandomKillsToLoseNothing('redis'),
  randomKillsDeadlineMs,
);
