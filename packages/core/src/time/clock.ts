/** The two clocks that this library needs. */
export interface Clock {
  /** Unix time in milliseconds. May jump; used for what other machines said or will read. */
  now(): number;
  /** Milliseconds since some start. Never jumps; used for every duration. */
  monotonic(): number;
}

export function systemClock(now: () => number = Date.now): Clock {
  return { now, monotonic: () => performance.now() };
}
