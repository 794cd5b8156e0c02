import { afterEach, jest } from '@jest/globals';

// A test that ran out of time has not come to the `finally` below.
afterEach(() => {
  jest.useRealTimers();
});

/**
 * Runs `body` where a `setTimeout` of this process ends only when `advance` lets that much time pass. An answer that
 * has to come within a timeout then can not be late because the machine is busy.
 */
export async function withFakeTimeouts(
  body: (advance: (ms: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  jest.useFakeTimers({
    doNotFake: [
      'Date',
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setInterval',
      'clearInterval',
    ],
  });
  try {
    await body((ms) => jest.advanceTimersByTimeAsync(ms));
  } finally {
    jest.useRealTimers();
  }
}
