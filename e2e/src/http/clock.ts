import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds since the epoch with fractions, which never run backwards within a process. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Waits, and gives up with an `AbortError` when the server closes. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal });
}

/** Ends every wait of a server when it closes. Hundreds of requests may wait at once. */
export function newCloser(): AbortController {
  const closer = new AbortController();
  setMaxListeners(0, closer.signal);
  return closer;
}
