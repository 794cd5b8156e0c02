import { setTimeout as delay } from 'node:timers/promises';
import { DeadlineError } from './failures.js';

/** Milliseconds that a command may take, whatever the options of the client are. */
export const commandTimeoutMs = 2_000;

export interface Bounds {
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
}

export function withinCommandTimeout(signal?: AbortSignal): Bounds {
  return { deadline: performance.now() + commandTimeoutMs, signal };
}

/** What the promise gives, unless the deadline or the abort comes first. */
export async function bounded<T>(promise: Promise<T>, { deadline, signal }: Bounds): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  const end = new Promise<never>((_, reject) => {
    const late = () => {
      reject(new DeadlineError());
    };
    // After a pause of this process a reply may lie there unread: it is read before `setImmediate`.
    timer = setTimeout(() => setImmediate(late), Math.max(0, deadline - performance.now()));
    abort = () => {
      reject(signal?.reason as Error);
    };
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([promise, end]);
  } finally {
    clearTimeout(timer);
    if (abort) signal?.removeEventListener('abort', abort);
  }
}

/** Whether the pause was taken: not if there is no time left for it. Rejects when the signal aborts. */
export async function paused(ms: number, { deadline, signal }: Bounds): Promise<boolean> {
  if (performance.now() + ms >= deadline) return false;
  try {
    await delay(ms, undefined, signal && { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
  return true;
}
