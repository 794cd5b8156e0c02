import { abortable } from '../time/sleep.js';

/** Lets any number of callers wait for one login, each with a signal of its own. It ends when the last one has gone. */
export class SharedLogin {
  #running:
    { readonly work: Promise<void>; readonly controller: AbortController; waiters: number } | undefined;

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  async join(signal: AbortSignal | undefined, login: (signal: AbortSignal) => Promise<void>): Promise<void> {
    signal?.throwIfAborted();
    const running = this.#running ?? this.#start(login);
    running.waiters++;
    try {
      await abortable(running.work, signal);
    } finally {
      running.waiters--;
      if (running.waiters === 0 && signal?.aborted) running.controller.abort(signal.reason);
    }
  }

  #start(login: (signal: AbortSignal) => Promise<void>) {
    const controller = new AbortController();
    const work = login(controller.signal).finally(() => {
      this.#running = undefined;
    });
    this.#running = { work, controller, waiters: 0 };
    return this.#running;
  }
}
