import { createHash, timingSafeEqual } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { AuthorizationCallback, CallbackPage } from '@mcp-oauth/core';
import { answer } from './answer.js';

/** One login that waits for its callback, and the browsers that wait for how it ends. */
export class AwaitedCallback {
  readonly callback: Promise<AuthorizationCallback>;
  readonly #digest: Buffer;
  readonly #browsers: ServerResponse[] = [];
  #resolve!: (callback: AuthorizationCallback) => void;
  #reject!: (reason: unknown) => void;
  #page: CallbackPage | undefined;

  constructor(state: string) {
    this.#digest = digest(state);
    this.callback = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // A login that failed before it came to await this must not end the process when the listener closes.
    this.callback.catch(() => undefined);
  }

  /** Whether the answer that came was of no use, so that another may be waited for. */
  get hasFailed(): boolean {
    return this.#page === 'failed';
  }

  /** Takes the same time however much of `state` is right. */
  isFor(state: string): boolean {
    return timingSafeEqual(this.#digest, digest(state));
  }

  /** The first arrival settles the login. A reload or a scanner that asks again waits for the same page. */
  arrive(url: URL, browser: ServerResponse): void {
    if (this.#page !== undefined) {
      answer(browser, 200, this.#page);
      return;
    }
    this.#browsers.push(browser);
    this.#resolve({
      url,
      show: (page) => {
        this.#show(page);
      },
    });
  }

  abandon(reason: unknown): void {
    this.#reject(reason);
    this.#show('failed');
  }

  #show(page: CallbackPage): void {
    if (this.#page !== undefined) return;
    this.#page = page;
    for (const browser of this.#browsers.splice(0)) answer(browser, 200, page);
  }
}

/** Texts of any length become comparable in constant time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
