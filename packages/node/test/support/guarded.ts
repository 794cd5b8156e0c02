import { afterEach } from '@jest/globals';
import { type GuardedFetch, guardedFetch, type GuardedFetchOptions } from '@mcp-oauth/node';

const opened: GuardedFetch[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((fetch) => fetch.close()));
});

/** Closed after the test. */
export function openGuardedFetch(options?: GuardedFetchOptions): GuardedFetch {
  const fetch = guardedFetch(options);
  opened.push(fetch);
  return fetch;
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`It was not refused: ${String(value)}`);
    },
    (error: unknown) => error,
  );
}
