import { LimitExceededError } from '@mcp-oauth/core';

const LATE_MS = 250;
const GRACE_MS = 1_000;

/** What ends a request before its time: the caller's signal, a limit, the end of the whole fetch. */
export class Cutoff {
  readonly #controller = new AbortController();
  readonly #host: string;
  readonly #caller: AbortSignal | undefined;
  readonly #onFinished: () => void;
  #stopTotal: (() => void) | undefined;
  #stopStage: (() => void) | undefined;

  readonly #abort = (): void => this.end(this.#caller?.reason);

  constructor(host: string, caller: AbortSignal | null | undefined, onFinished: () => void) {
    this.#host = host;
    this.#onFinished = onFinished;
    // A signal of its own: a thousand listeners on the caller's would look like a leak to the runtime.
    this.#caller = caller ? AbortSignal.any([caller]) : undefined;
    this.#caller?.addEventListener('abort', this.#abort, { once: true });
  }

  /** Aborted with the error that the caller gets. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Bounds everything from now on, or nothing any more. */
  limitTotal(ms: number | undefined): void {
    this.#stopTotal?.();
    this.#stopTotal = this.#countdown(ms, '');
  }

  /** Bounds the one step that is waited for now, or nothing any more. */
  limitStep(ms: number | undefined, step: string): void {
    this.#stopStage?.();
    this.#stopStage = this.#countdown(ms, ` ${step}`);
  }

  end(error: unknown): void {
    this.#controller.abort(error);
    this.finish();
  }

  /** Lets go of timers and of the caller's signal. */
  finish(): void {
    this.#stopTotal?.();
    this.#stopStage?.();
    this.#caller?.removeEventListener('abort', this.#abort);
    this.#onFinished();
  }

  /** Rejects as soon as the signal is aborted, also where the work goes on. */
  async race<T>(work: Promise<T>): Promise<T> {
    const { signal } = this;
    let abort: () => void = () => undefined;
    const aborted = new Promise<never>((_, reject) => {
      abort = () => reject(signal.reason as Error);
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort, { once: true });
    });
    try {
      return await Promise.race([aborted, work]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  #countdown(ms: number | undefined, step: string): (() => void) | undefined {
    if (ms === undefined) return undefined;
    const expire = () => this.end(new LimitExceededError(`The answer of ${this.#host}`, `${ms} ms${step}`));
    const due = performance.now() + ms;
    let timer = setTimeout(() => {
      // Late means that this process slept. The answer may lie unread in the socket, a rotated token in it.
      if (performance.now() - due > LATE_MS) timer = setTimeout(expire, GRACE_MS).unref();
      else expire();
    }, ms).unref();
    return () => clearTimeout(timer);
  }
}
