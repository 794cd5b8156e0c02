import type { AuthorizationFlow } from '../authorization/authorization-flow.js';
import { loginInTurn } from '../authorization/login-in-turn.js';
import type { LoginInTurnOptions, LoginNeed, OwnLogin } from '../authorization/login-in-turn.js';
import { newGrant } from '../authorization/login-commit.js';
import { chosenServer } from '../authorization/login-plan.js';
import type { Grant, TokenSet } from '../credentials/credentials.js';
import {
  BrowserError,
  DiscoveryError,
  InvalidConfigError,
  OAuthClientError,
  TokenRequestError,
} from '../errors.js';
import type { FetchLike } from '../http/bounded-request.js';
import type { DevicePrompt } from '../ports/device-prompt.js';
import type { TokenEndpoint } from '../protocol/token-endpoint.js';
import { DEVICE_CODE_GRANT } from '../registration/dynamic-registration.js';
import type { ServerChoiceParts } from '../registration/server-choice.js';
import type { SessionSettings } from '../session/session-settings.js';
import type { SessionState } from '../session/session-state.js';
import { sleep } from '../time/sleep.js';
import { authorizedDevice } from './device-authorization.js';
import type {
  AwaitedAuthorization,
  DeviceAuthorizationOrder,
  DeviceAuthorizationParts,
} from './device-authorization.js';
import { polledTokens } from './device-polling.js';
import { shownCode } from './user-code.js';

export type ShowUserCode = DevicePrompt['show'];

export interface DeviceLoginOptions extends DeviceAuthorizationParts, ServerChoiceParts, LoginInTurnOptions {
  readonly fetch: FetchLike;
  readonly flow: AuthorizationFlow;
  readonly endpoint: TokenEndpoint;
  readonly prompt: DevicePrompt | undefined;
  /** How long a person may take with the other device, in milliseconds. */
  readonly codeTimeoutMs: number;
  /** How long one token request may take, in milliseconds. */
  readonly requestTimeoutMs: number;
}

export interface DeviceLoginRequest extends SessionSettings, LoginNeed {
  /** Instead of the prompt of the host. */
  readonly show?: ShowUserCode | undefined;
}

/** Logs a person in on another device (RFC 8628): they read a code here and type it there. */
export class DeviceLogin {
  readonly #options: DeviceLoginOptions;

  constructor(options: DeviceLoginOptions) {
    this.#options = options;
  }

  /** What shows a code to a person, where somebody would see it. */
  get prompt(): DevicePrompt | undefined {
    const { prompt } = this.#options;
    return prompt?.isAvailable() === true ? prompt : undefined;
  }

  /** @throws {InvalidConfigError} nothing can show a code. */
  assertPossible(resource: string, show: ShowUserCode | undefined): void {
    if (show ?? this.#options.prompt) return;
    throw new InvalidConfigError(
      `A login to ${resource} on another device needs something that shows its code: give authorizeDevice() an ` +
        'onUserCode, or the client a devicePrompt.',
    );
  }

  /**
   * @throws {AuthorizationDeniedError | AuthorizationTimeoutError} as the person ended it.
   * @throws {DiscoveryError} the server has no device authorization.
   * @throws {BrowserError} nobody would see the code.
   * @throws {TokenRequestError} besides everything that discovery and registration throw, and what `show` throws.
   */
  async run(state: SessionState, request: DeviceLoginRequest, signal: AbortSignal): Promise<void> {
    const { known, stepUpScope, show, ...settings } = request;
    const { resource } = state.key;
    let isAnnounced = false;
    // With a browser, or with something else that shows a code, another process may do better.
    const isOwnTrouble = (error: unknown): boolean =>
      error instanceof DiscoveryError ||
      (error instanceof TokenRequestError && !isAnnounced) ||
      !(error instanceof OAuthClientError);
    await loginInTurn(this.#options, { state, known, stepUpScope, signal, isOwnTrouble }, async (own) => {
      const shown = show ?? this.#showAtPrompt(resource);
      const { before } = own;
      const chosen = await chosenServer(this.#options, state, settings, before, signal, true);
      const begun = await this.begin({ state, settings, chosen, stepUpScope, before, signal });
      isAnnounced = true;
      return await this.finish(state, begun, own, shown, signal);
    });
  }

  /** Has the server await a person. @throws as {@link authorizedDevice} */
  async begin(order: DeviceAuthorizationOrder): Promise<AwaitedAuthorization> {
    return await authorizedDevice(this.#options, order);
  }

  /** Shows the code, waits for the person and keeps what they granted. */
  async finish(
    state: SessionState,
    { target, answer }: AwaitedAuthorization,
    { epoch, prolong }: OwnLogin,
    show: ShowUserCode,
    signal: AbortSignal,
  ): Promise<Grant> {
    const { clock, codeTimeoutMs, flow, onClientRejected } = this.#options;
    const { resource } = state.key;
    const { issuer } = target.server;
    const timeoutMs = Math.min(answer.expiresIn * 1_000, codeTimeoutMs);
    const code = shownCode({ resource, issuer }, answer, new Date(clock.now() + timeoutMs));
    await prolong(timeoutMs);
    state.emit({ type: 'authorization_begun', issuer });
    const ended = new AbortController();
    const unshown = new AbortController();
    const showing = async (): Promise<void> => {
      try {
        await show(code, { signal: AbortSignal.any([signal, ended.signal]) });
      } catch (error) {
        unshown.abort(error);
      }
    };
    // Not awaited: who has read the code need not wait until a prompt is done with it.
    void showing();
    try {
      const tokens = await polledTokens({
        resource,
        issuer,
        clock,
        timeoutMs,
        interval: answer.interval,
        pause: (ms, either) => sleep(ms, { signal: either }),
        ask: () => this.#ask({ target, answer }, state),
        signal: AbortSignal.any([signal, unshown.signal]),
      });
      return await flow.commit({ epoch, resource }, newGrant(target, tokens), state);
    } catch (error) {
      if (error instanceof TokenRequestError && error.error === 'invalid_client')
        await onClientRejected(issuer, target.client.client_id);
      throw error;
    } finally {
      ended.abort();
    }
  }

  async #ask({ target, answer }: AwaitedAuthorization, { keys }: SessionState): Promise<TokenSet> {
    const { endpoint, requestTimeoutMs } = this.#options;
    const { server, client, resourceIndicator, dpop } = target;
    return await endpoint.request({
      server,
      client,
      keys,
      resourceIndicator,
      dpop,
      timeoutMs: requestTimeoutMs,
      grantType: DEVICE_CODE_GRANT,
      parameters: { device_code: answer.deviceCode },
    });
  }

  #showAtPrompt(resource: string): ShowUserCode {
    const { prompt } = this;
    if (prompt) return (code, options) => prompt.show(code, options);
    throw new BrowserError(`Nobody is there to see the code for the login to ${resource}.`);
  }
}
