import { expect, test } from '@jest/globals';
import { LeaseObserver } from '../../src/token/lease-observer.js';

/** Watches a lease of a holder that nobody can ask about, with a clock of its own. */
function observer(leaseMs: number) {
  let now = 0;
  const clock = { now: () => 1_000_000 + now, monotonic: () => now };
  return {
    watched: new LeaseObserver(leaseMs, clock, undefined),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

const usual = { id: 'a', startedAt: 1_000_000 };

test('a lease is dead when it was watched for its length', () => {
  const { watched, pass } = observer(10_000);
  expect(watched.isDead(usual)).toBe(false);
  pass(9_999);
  expect(watched.isDead(usual)).toBe(false);
  pass(1);
  expect(watched.isDead(usual)).toBe(true);
});

test('a holder that needs longer is given the time that it asked for, also where that is said later', () => {
  const { watched, pass } = observer(10_000);
  expect(watched.isDead(usual)).toBe(false);
  pass(9_000);
  const longer = { ...usual, lengthMs: 200_000 };
  expect(watched.isDead(longer)).toBe(false);
  pass(190_999);
  expect(watched.isDead(longer)).toBe(false);
  pass(1);
  expect(watched.isDead(longer)).toBe(true);
});

test('an old date alone kills none that asked for longer', () => {
  const { watched, pass } = observer(10_000);
  const begun = { ...usual, startedAt: 1_000_000 - 100_000 };
  const longer = { ...begun, lengthMs: 200_000 };
  expect(watched.isDead(longer)).toBe(false);
  pass(6_000);
  expect(watched.isDead(longer)).toBe(false);
  expect(watched.isDead(begun)).toBe(true);
});
