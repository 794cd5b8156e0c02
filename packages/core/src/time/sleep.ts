interface SleepOptions {
  readonly signal?: AbortSignal | undefined;
  /** Nobody waits for this sleep: it must not keep the process alive. */
  readonly background?: boolean;
}

/** Waits, and resolves with how many milliseconds too late the timer fired. Rejects with the signal's reason. */
export function sleep(ms: number, { signal, background = false }: SleepOptions = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const due = performance.now() + ms;
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve(Math.max(0, performance.now() - due));
    }, ms);
    if (background) unref(timer);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** Spread out, so that many processes that wait for one record do not all read it at once. */
export function jittered(ms: number): number {
  return ms * (0.75 + Math.random() / 2);
}

/** Lets the process end although the timer still runs. Browsers have no such thing, and need none. */
export function unref(timer: unknown): void {
  (timer as { unref?: () => void }).unref?.();
}

/** Waits for `work`, or rejects with the signal's reason; the work itself goes on. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  // A signal of its own for each waiter: a thousand listeners on the caller's would look like a leak to the runtime.
  const own = AbortSignal.any([signal]);
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      reject(own.reason as Error);
    };
    if (own.aborted) abort();
    else own.addEventListener('abort', abort, { once: true });
  });
  try {
    // The work takes part even where the signal has aborted already: nobody else may hear of its failure.
    return await Promise.race([aborted, work]);
  } finally {
    if (abort) own.removeEventListener('abort', abort);
  }
}
