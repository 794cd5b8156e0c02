import { BrowserError, CallbackRejectedError } from '../errors.js';
import type { Browser } from '../ports/browser.js';
import type { AuthorizationCallback, ListeningCallback } from '../ports/callback-listener.js';
import type { RedirectPrompt } from '../ports/redirect-prompt.js';
import { abortable } from '../time/sleep.js';
import type { BegunAuthorization } from './authorization-flow.js';
import { pastedCallback } from './pasted-callback.js';

const MAX_PASTES = 10;
/** Who knows the state may send answers without end; the person then has to begin again. */
export const MAX_REJECTIONS = 100;

export interface AuthorizationAnswerOptions {
  readonly begun: BegunAuthorization;
  readonly redirectUri: string;
  readonly listening: ListeningCallback | undefined;
  readonly prompt: RedirectPrompt | undefined;
  readonly resource: string;
  /** Only where the server doesn't announce `iss`: a bare code can't say who sent it. */
  readonly bareCodeAllowed: boolean;
  readonly signal: AbortSignal;
}

/** Shows the person the authorization URL and waits for the answer, from the listener and the prompt alike. */
export class AuthorizationAnswer {
  readonly #options: AuthorizationAnswerOptions;
  #prompting: RedirectPrompt | undefined;
  #response: Promise<AuthorizationCallback> | undefined;
  #pastes = 0;
  #rejections = 0;

  constructor(options: AuthorizationAnswerOptions) {
    this.#options = options;
  }

  /** @throws {BrowserError} where nothing could be opened and nobody can be asked. */
  async ask(browser: Browser | undefined): Promise<void> {
    const { begun, listening, prompt, resource, signal } = this.#options;
    // Awaited from before the page opens: a browser that is logged in already answers at once.
    this.#response = this.#listen();
    const result = listening && (await browser?.open(begun.authorizationUrl, { signal }));
    if (result?.opened) return;
    if (prompt?.isAvailable()) {
      this.#prompting = prompt;
      return;
    }
    const reason = result ? result.reason : 'this host was given no browser';
    throw new BrowserError(`No browser could be opened for the login to ${resource}: ${reason}.`);
  }

  /** The next answer; `rejected` tells the person why the last one was not taken. */
  async next(rejected: CallbackRejectedError | undefined): Promise<AuthorizationCallback> {
    const { signal } = this.#options;
    if (rejected && ++this.#rejections > MAX_REJECTIONS) throw rejected;
    const settled = new AbortController();
    const either = AbortSignal.any([signal, settled.signal]);
    this.#response ??= this.#listen();
    const answers: Promise<AuthorizationCallback>[] = [];
    if (this.#response) answers.push(this.#response);
    if (this.#prompting) answers.push(this.#paste(this.#prompting, rejected, either));
    try {
      return await abortable(Promise.race(answers), signal);
    } finally {
      settled.abort();
    }
  }

  #listen(): Promise<AuthorizationCallback> | undefined {
    const { listening, begun } = this.#options;
    const response = listening?.response(begun.state).then((callback) => {
      this.#response = undefined;
      return callback;
    });
    // It is awaited later, or not at all where the browser can't be opened.
    response?.catch(() => undefined);
    return response;
  }

  async #paste(
    prompt: RedirectPrompt,
    rejected: CallbackRejectedError | undefined,
    signal: AbortSignal,
  ): Promise<AuthorizationCallback> {
    const { begun, redirectUri, resource, bareCodeAllowed } = this.#options;
    let problem = rejected?.message;
    for (;;) {
      if (++this.#pastes > MAX_PASTES) throw rejected ?? new CallbackRejectedError('missing_code');
      const text = await prompt.ask({
        authorizationUrl: begun.authorizationUrl,
        ...(begun.expiresAt === undefined ? {} : { expiresAt: new Date(begun.expiresAt) }),
        resource,
        signal,
        ...(problem === undefined ? {} : { rejected: problem }),
      });
      const pasted = pastedCallback(text, { redirectUri, state: begun.state, bareCodeAllowed });
      if (pasted instanceof URL) return { url: pasted, show: () => undefined };
      problem = pasted.problem;
    }
  }
}
