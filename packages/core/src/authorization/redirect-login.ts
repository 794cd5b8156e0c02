import type { Grant } from '../credentials/credentials.js';
import { AuthorizationDeniedError, BrowserError, CallbackRejectedError } from '../errors.js';
import type { Browser } from '../ports/browser.js';
import type { CallbackListener } from '../ports/callback-listener.js';
import type { RedirectPrompt } from '../ports/redirect-prompt.js';
import type { ChosenServer } from '../registration/server-choice.js';
import type { SessionSettings } from '../session/session-settings.js';
import type { SessionState } from '../session/session-state.js';
import { DeadlineExceeded } from '../time/deadline.js';
import { AuthorizationAnswer } from './authorization-answer.js';
import type { AuthorizationFlow, BegunAuthorization } from './authorization-flow.js';
import { begunLogin } from './begun-login.js';
import type { LoginPlanOptions } from './login-plan.js';
import type { OwnLogin } from './login-in-turn.js';

export interface RedirectLoginOptions extends LoginPlanOptions {
  readonly flow: AuthorizationFlow;
  readonly listener: CallbackListener | undefined;
}

export interface RedirectLoginRequest {
  readonly state: SessionState;
  readonly settings: SessionSettings;
  readonly stepUpScope: string | undefined;
  readonly chosen: ChosenServer;
  readonly own: OwnLogin;
  readonly browser: Browser | undefined;
  /** Asks for the address that the person ended on, where no browser can be opened here. */
  readonly prompt: RedirectPrompt | undefined;
  readonly signal: AbortSignal;
}

/** Logs a person in by the authorization code flow: browser and loopback listener, or a terminal and a pasted address. */
export class RedirectLogin {
  readonly #options: RedirectLoginOptions;

  constructor(options: RedirectLoginOptions) {
    this.#options = options;
  }

  /**
   * @throws {BrowserError} nobody was asked: the port is free again, and nothing awaits an answer.
   * @throws {AuthorizationDeniedError | CallbackRejectedError | DeadlineExceeded} as the login ended, besides everything
   *   that registration and the token endpoint throw.
   */
  async run(request: RedirectLoginRequest): Promise<Grant> {
    const { flow, listener, registrar } = this.#options;
    const { state, settings, stepUpScope, chosen, own, browser, prompt, signal } = request;
    const { before, epoch } = own;
    const redirect = { listener };
    const { partition, key } = state;
    const { resource, profile } = key;
    const asked = { state, settings, stepUpScope, before, chosen, redirect, signal };
    const { plan, begun } = await begunLogin(this.#options, asked, (next) =>
      flow.begin({ ...next, keys: state.keys, partition, resource, profile, epoch, bound: false, signal }),
    );
    const { client, listening, redirectUri, discovered } = plan;
    try {
      state.emit({ type: 'authorization_begun', issuer: discovered.server.issuer });
      const answer = new AuthorizationAnswer({
        begun,
        redirectUri,
        listening,
        prompt,
        resource,
        bareCodeAllowed: !discovered.server.authorization_response_iss_parameter_supported,
        signal,
      });
      await this.#ask(answer, browser, begun);
      return await this.#answered(state, answer);
    } catch (error) {
      // A server that forgot this client shows an error page and never comes back: the next login registers anew.
      if (error instanceof DeadlineExceeded && !plan.fresh)
        await registrar.discardUnlessKnown(discovered.server, client);
      throw error;
    } finally {
      await listening?.close();
    }
  }

  async #ask(
    answer: AuthorizationAnswer,
    browser: Browser | undefined,
    { found }: BegunAuthorization,
  ): Promise<void> {
    try {
      await answer.ask(browser);
    } catch (error) {
      // Left behind, it would look like a login that led nowhere, and its client like one that the server forgot.
      if (error instanceof BrowserError) await this.#options.pendings.take(found.key);
      throw error;
    }
  }

  async #answered(state: SessionState, answer: AuthorizationAnswer): Promise<Grant> {
    const { flow } = this.#options;
    let rejected: CallbackRejectedError | undefined;
    for (;;) {
      const callback = await answer.next(rejected).catch((error: unknown) => {
        // Whoever waited in vain learns of the answer that came and could not be taken.
        throw error instanceof DeadlineExceeded && rejected ? rejected : error;
      });
      try {
        const parameters = callback.url.searchParams;
        const found = await flow.find({ parameters, partition: state.partition, binding: undefined });
        const grant = await flow.complete(found, parameters, state);
        callback.show('succeeded');
        return grant;
      } catch (error) {
        callback.show(error instanceof AuthorizationDeniedError ? 'denied' : 'failed');
        if (!(error instanceof CallbackRejectedError) || error.reason === 'unknown_flow') throw error;
        // Somebody else's answer must not end this person's login.
        state.emit({ type: 'authorization_refused', code: error.code, reason: error.reason });
        rejected = error;
      }
    }
  }
}
