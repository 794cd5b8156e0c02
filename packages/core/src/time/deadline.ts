import { unref } from './sleep.js';

const LATE_MS = 250;
const GRACE_MS = 1_000;

export class DeadlineExceeded extends Error {
  constructor(timeoutMs: number) {
    super(`no answer within ${String(Math.round(timeoutMs))} ms`);
    this.name = 'DeadlineExceeded';
  }
}

/**
 * Aborts its signal after `timeoutMs`.
 *
 * A timer that fires late shows that this process slept: a laptop's lid, SIGSTOP, a starved machine. The answer may
 * lie unread in the socket then, and a rotated refresh token with it. So a late timer gives it one more second.
 */
export class Deadline {
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(timeoutMs: number) {
    const due = performance.now() + timeoutMs;
    const expire = (): void => {
      this.#controller.abort(new DeadlineExceeded(timeoutMs));
    };
    this.#timer = setTimeout(() => {
      if (performance.now() - due > LATE_MS) {
        this.#timer = setTimeout(expire, GRACE_MS);
        unref(this.#timer);
      } else expire();
    }, timeoutMs);
    unref(this.#timer);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
