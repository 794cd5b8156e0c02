import { expect, test } from '@jest/globals';
import process from 'node:process';
import { abortable } from '../../src/time/sleep.js';

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("work that fails after its waiter has gone is nobody's unhandled rejection", async () => {
  const unhandled: unknown[] = [];
  const listen = (reason: unknown): void => {
    unhandled.push(reason);
  };
  process.on('unhandledRejection', listen);
  try {
    const gone = AbortSignal.abort(new Error('gone'));
    await expect(abortable(Promise.reject(new Error('work')), gone)).rejects.toThrow('gone');
    const going = new AbortController();
    let fail = (_: Error): void => undefined;
    const work = new Promise((_, reject) => {
      fail = reject;
    });
    const waiting = abortable(work, going.signal);
    going.abort(new Error('going'));
    await expect(waiting).rejects.toThrow('going');
    fail(new Error('late'));
    await settled();
    await settled();
    expect(unhandled).toEqual([]);
  } finally {
    process.off('unhandledRejection', listen);
  }
});

test('work that is done before the signal aborts gives its value', async () => {
  expect(await abortable(Promise.resolve(1), new AbortController().signal)).toBe(1);
});
