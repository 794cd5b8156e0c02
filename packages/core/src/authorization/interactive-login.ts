import { supersedes } from '../credentials/credentials.js';
import type { Grant } from '../credentials/credentials.js';
import {
  AuthorizationDeniedError,
  AuthorizationTimeoutError,
  BrowserError,
  CallbackRejectedError,
  ClientClosedError,
  InvalidConfigError,
  OAuthClientError,
} from '../errors.js';
import type { AnyOAuthClientError } from '../errors.js';
import type { Browser } from '../ports/browser.js';
import type { CallbackListener } from '../ports/callback-listener.js';
import type { ProcessIdentity } from '../ports/process-identity.js';
import type { RedirectPrompt } from '../ports/redirect-prompt.js';
import type { SessionSettings } from '../session/session-settings.js';
import type { SessionState } from '../session/session-state.js';
import type { Clock } from '../time/clock.js';
import { Deadline, DeadlineExceeded } from '../time/deadline.js';
import type { AuthorizationFlow, BegunAuthorization } from './authorization-flow.js';
import { AuthorizationAnswer } from './authorization-answer.js';
import { loginCompleted, takeOver } from './login-completed.js';
import { LoginTurn } from './login-turn.js';
import { planLogin } from './login-plan.js';
import type { LoginPlan, LoginPlanOptions } from './login-plan.js';
import { coversScope } from './scope.js';

export interface InteractiveLoginOptions extends LoginPlanOptions {
  readonly clock: Clock;
  readonly flow: AuthorizationFlow;
  readonly identity: ProcessIdentity | undefined;
  readonly browser: Browser | undefined;
  readonly prompt: RedirectPrompt | undefined;
  readonly listener: CallbackListener | undefined;
  /** How long a person may take. */
  readonly timeoutMs: number;
}

export interface LoginRequest extends SessionSettings {
  /** Scopes that the new grant must have. */
  readonly stepUpScope?: string | undefined;
}

/** Logs a person in who is at this machine: browser and loopback listener, or a terminal and a pasted address. */
export class InteractiveLogin {
  readonly #options: InteractiveLoginOptions;

  constructor(options: InteractiveLoginOptions) {
    this.#options = options;
  }

  /** Whether there is any way to ask a person. */
  get isPossible(): boolean {
    const { browser, listener, prompt } = this.#options;
    return (browser !== undefined && listener !== undefined) || prompt?.isAvailable() === true;
  }

  /**
   * @throws {AuthorizationDeniedError | AuthorizationTimeoutError | CallbackRejectedError | BrowserError} as the person
   *   or the server ended it, besides everything that discovery, registration and the token endpoint throw.
   */
  async run(state: SessionState, request: LoginRequest, signal: AbortSignal): Promise<void> {
    const { clock, identity, timeoutMs } = this.#options;
    const { resource, profile } = state.key;
    const before = (await state.repository.get())?.credentials.grant;
    const turns = new LoginTurn({
      repository: state.repository,
      clock,
      identity,
      resource,
      profile,
      timeoutMs,
    });
    const turn = await turns.take(
      (grant) =>
        grant.status === 'active' &&
        (!before || supersedes(grant, before) || isStepUpDone(state, grant, request.stepUpScope)) &&
        coversScope(grant.tokens.scope, request.stepUpScope),
      signal,
    );
    if (turn.kind === 'joined') {
      takeOver(state, turn.grant);
      return;
    }
    const deadline = new Deadline(timeoutMs);
    try {
      const epoch = turn.credentials.epoch;
      const grant = await this.#login(
        state,
        request,
        epoch,
        before,
        AbortSignal.any([signal, deadline.signal]),
      );
      loginCompleted(state, grant);
    } catch (error) {
      const shown =
        error instanceof DeadlineExceeded ? new AuthorizationTimeoutError(resource, timeoutMs) : error;
      await turns.end(turn.mark, ending(shown, signal));
      if (shown instanceof OAuthClientError) {
        const { code } = shown as AnyOAuthClientError;
        state.emit({ type: 'authorization_refused', code });
      }
      throw shown;
    } finally {
      deadline.clear();
    }
  }

  async #login(
    state: SessionState,
    request: LoginRequest,
    epoch: string,
    before: Grant | undefined,
    signal: AbortSignal,
  ): Promise<Grant> {
    const { flow, listener, registrar } = this.#options;
    const { resource, profile } = state.key;
    const { stepUpScope, ...settings } = request;
    const plan = await planLogin(this.#options, {
      state,
      settings,
      stepUpScope,
      before,
      redirect: { listener },
      signal,
    });
    const { client, listening } = plan;
    const { issuer } = plan.discovered.server;
    try {
      const { partition } = state;
      const begun = await flow.begin({ ...plan, partition, resource, profile, epoch, bound: false, signal });
      state.emit({ type: 'authorization_begun', issuer });
      return await this.#answered(state, begun, plan, signal);
    } catch (error) {
      // A server that forgot this client shows an error page and never comes back: the next login registers anew.
      if (error instanceof DeadlineExceeded && !plan.fresh)
        await registrar.discardUnlessKnown(plan.discovered.server, client);
      throw error;
    } finally {
      await listening?.close();
    }
  }

  async #answered(
    state: SessionState,
    begun: BegunAuthorization,
    { discovered, redirectUri, listening }: LoginPlan,
    signal: AbortSignal,
  ): Promise<Grant> {
    const { browser, prompt, flow } = this.#options;
    const answer = new AuthorizationAnswer({
      begun,
      redirectUri,
      listening,
      prompt,
      resource: state.key.resource,
      bareCodeAllowed: !discovered.server.authorization_response_iss_parameter_supported,
      signal,
    });
    await answer.ask(browser);
    let rejected: CallbackRejectedError | undefined;
    for (;;) {
      const callback = await answer.next(rejected).catch((error: unknown) => {
        // Whoever waited in vain learns of the answer that came and could not be taken.
        throw error instanceof DeadlineExceeded && rejected ? rejected : error;
      });
      try {
        const parameters = callback.url.searchParams;
        const found = await flow.find({ parameters, partition: state.partition, binding: undefined });
        const grant = await flow.complete(found, parameters, state.repository);
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

/** Whether another process has asked the person for these scopes just before this one looked. */
function isStepUpDone({ refused }: SessionState, grant: Grant, stepUpScope: string | undefined): boolean {
  return stepUpScope !== undefined && (refused === undefined || supersedes(grant, refused.token));
}

function ending(error: unknown, signal: AbortSignal): 'denied' | 'failed' | 'abandoned' {
  if (error instanceof AuthorizationDeniedError) return 'denied';
  // Another process, with another browser or another configuration, may do better than this one.
  const mine =
    error instanceof BrowserError ||
    error instanceof InvalidConfigError ||
    error instanceof ClientClosedError;
  return signal.aborted || mine ? 'abandoned' : 'failed';
}
