import type { Grant } from '../credentials/credentials.js';
import type { AwaitedAuthorization } from '../device/device-authorization.js';
import type { DeviceLogin } from '../device/device-login.js';
import { BrowserError, TokenRequestError } from '../errors.js';
import type { Browser } from '../ports/browser.js';
import type { DevicePrompt } from '../ports/device-prompt.js';
import type { RedirectPrompt } from '../ports/redirect-prompt.js';
import type { SessionSettings } from '../session/session-settings.js';
import type { SessionState } from '../session/session-state.js';
import { Deadline } from '../time/deadline.js';
import { loginInTurn } from './login-in-turn.js';
import type { LoginInTurnOptions, LoginNeed } from './login-in-turn.js';
import { chosenServer } from './login-plan.js';
import { RedirectLogin } from './redirect-login.js';
import type { RedirectLoginOptions, RedirectLoginRequest } from './redirect-login.js';

export interface InteractiveLoginOptions extends RedirectLoginOptions, LoginInTurnOptions {
  readonly browser: Browser | undefined;
  readonly prompt: RedirectPrompt | undefined;
  readonly device: DeviceLogin;
}

export interface LoginRequest extends SessionSettings, LoginNeed {}

type ChosenLogin = Omit<RedirectLoginRequest, 'browser' | 'prompt'>;

/**
 * Logs a person in who is at this machine: by a browser; where none can be opened, on another device, if the server has
 * that (RFC 8628) and the host can show a code; else by a terminal and a pasted address.
 */
export class InteractiveLogin {
  readonly #options: InteractiveLoginOptions;
  readonly #redirect: RedirectLogin;

  constructor(options: InteractiveLoginOptions) {
    this.#options = options;
    this.#redirect = new RedirectLogin(options);
  }

  /** Whether there is any way to ask a person. */
  get isPossible(): boolean {
    const { prompt, device } = this.#options;
    return this.#hasBrowser || device.prompt !== undefined || prompt?.isAvailable() === true;
  }

  /**
   * @throws {AuthorizationDeniedError | AuthorizationTimeoutError | CallbackRejectedError | BrowserError} as the person
   *   or the server ended it, besides everything that discovery, registration and the token endpoint throw.
   */
  async run(state: SessionState, request: LoginRequest, signal: AbortSignal): Promise<void> {
    const { known, stepUpScope, ...settings } = request;
    await loginInTurn(this.#options, { state, known, stepUpScope, signal }, async (own) => {
      const deadline = new Deadline(this.#options.timeoutMs);
      try {
        const either = AbortSignal.any([signal, deadline.signal]);
        const chosen = await chosenServer(this.#options, state, settings, own.before, either);
        const login = { state, settings, stepUpScope, chosen, own, signal: either };
        return await this.#logIn(login, () => {
          // On another device a person has as long as the code is good.
          deadline.clear();
        });
      } finally {
        deadline.clear();
      }
    });
  }

  get #hasBrowser(): boolean {
    const { browser, listener } = this.#options;
    return browser !== undefined && listener !== undefined;
  }

  async #logIn(login: ChosenLogin, onDevice: () => void): Promise<Grant> {
    const { browser, prompt, device } = this.#options;
    const { prompt: devicePrompt } = device;
    const isOffered = login.chosen.discovered.server.device_authorization_endpoint !== undefined;
    if (!devicePrompt || !isOffered) return await this.#redirect.run({ ...login, browser, prompt });
    try {
      if (this.#hasBrowser) return await this.#redirect.run({ ...login, browser, prompt: undefined });
    } catch (error) {
      if (!(error instanceof BrowserError)) throw error;
    }
    const begun = await this.#announced(login);
    if (!begun) return await this.#redirect.run({ ...login, browser: undefined, prompt });
    onDevice();
    const show: DevicePrompt['show'] = (code, options) => devicePrompt.show(code, options);
    return await device.finish(login.state, begun, login.own, show, login.signal);
  }

  /** `undefined` where the server refused that to this client, and the person can still be asked in the other way. */
  async #announced(login: ChosenLogin): Promise<AwaitedAuthorization | undefined> {
    const { device, prompt } = this.#options;
    try {
      return await device.begin({ ...login, before: login.own.before });
    } catch (error) {
      if (error instanceof TokenRequestError && prompt?.isAvailable() === true) return undefined;
      throw error;
    }
  }
}
