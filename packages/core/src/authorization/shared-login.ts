import { abortable } from '../time/sleep.js';

interface Running {
  readonly work: Promise<void>;
  readonly controller: AbortController;
  waiters: number;
}

/** Lets any number of callers wait for one login, each with a signal of its own. It ends when the last one has gone. */
export class SharedLogin {
  readonly #works = new Set<Promise<void>>();
  #running: Running | undefined;

  get isRunning(): boolean {
    return this.#works.size > 0;
  }

  /** Resolves with whether it was `login` that ran, and not one that was under way already. */
  async join(signal: AbortSignal, login: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    signal.throwIfAborted();
    const isOwn = this.#running === undefined;
    const running = this.#running ?? this.#start(login);
    running.waiters++;
    try {
      await abortable(running.work, signal);
      return isOwn;
    } finally {
      running.waiters--;
      if (running.waiters === 0 && signal.aborted) {
        running.controller.abort(signal.reason);
        // It ends presently, and whoever comes now must not get its end.
        this.#forget(running);
      }
    }
  }

  /** Resolves when no login is under way, however it ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#works);
  }

  #start(login: (signal: AbortSignal) => Promise<void>): Running {
    const controller = new AbortController();
    const work = login(controller.signal).finally(() => {
      this.#works.delete(work);
      this.#forget(running);
    });
    this.#works.add(work);
    const running = { work, controller, waiters: 0 };
    this.#running = running;
    return running;
  }

  #forget(running: Running): void {
    if (this.#running === running) this.#running = undefined;
  }
}
