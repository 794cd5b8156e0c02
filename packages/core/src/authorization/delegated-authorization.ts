import type { Discovered } from '../discovery/discovery.js';
import type { DpopProver } from '../dpop/dpop-prover.js';
import { CallbackRejectedError, IssuerMismatchError, TokenRequestError, quoted } from '../errors.js';
import type { Browser, BrowserResult } from '../ports/browser.js';
import type { ListeningCallback } from '../ports/callback-listener.js';
import type { SessionState } from '../session/session-state.js';
import type { Clock } from '../time/clock.js';
import { tokenSet } from '../token/token-set.js';
import type { TokenResponse } from '../token/token-set.js';
import { MAX_REJECTIONS } from './authorization-answer.js';
import type { AuthorizationFlow, BegunAuthorization, SentElsewhere } from './authorization-flow.js';
import { newGrant } from './login-commit.js';
import { loginCompleted } from './login-completed.js';

export interface DelegatedAuthorizationParts {
  readonly flow: AuthorizationFlow;
  readonly state: SessionState;
  readonly clock: Clock;
  readonly begun: BegunAuthorization;
  readonly discovered: Discovered;
  readonly browser: Browser | undefined;
  readonly listening: ListeningCallback | undefined;
  readonly dpop: DpopProver | undefined;
}

/**
 * A login whose token request another library sends, as the MCP SDK's own `auth()` does. Discovery, registration,
 * state, PKCE, the checks of the response and the commit are this library's; the other one gets the code, and the
 * verifier once.
 */
export class DelegatedAuthorization {
  readonly authorizationUrl: URL;
  readonly state: string;
  readonly discovered: Discovered;
  /** Proves the key that the tokens are to be bound to, in the token request; `undefined` for bearer tokens. */
  readonly dpop: DpopProver | undefined;
  readonly #parts: DelegatedAuthorizationParts;
  #verifierGiven = false;
  #sentAt = 0;

  constructor(parts: DelegatedAuthorizationParts) {
    this.#parts = parts;
    this.authorizationUrl = parts.begun.authorizationUrl;
    this.state = parts.begun.state;
    this.discovered = parts.discovered;
    this.dpop = parts.dpop;
    // A browser that is logged in already may answer before anybody asks for the response.
    this.#response = parts.listening?.response(parts.begun.state);
    this.#response?.catch(() => undefined);
  }

  #response: ReturnType<ListeningCallback['response']> | undefined;

  get redirectUri(): string {
    return this.#parts.begun.found.pending.redirectUri;
  }

  /** Whether a port was bound for its callback. */
  get isListening(): boolean {
    return this.#parts.listening !== undefined;
  }

  /** What identifies this host at the server. What proves it stays here: see {@link authenticate}. */
  get clientId(): string {
    return this.#parts.begun.found.pending.client.client_id;
  }

  /**
   * Adds what proves this host to the token request that is about to be sent.
   *
   * @throws {IssuerMismatchError} it would go elsewhere than where the login was begun, and must not be sent.
   * @throws {InvalidConfigError} the key of this host is missing, or of a kind that the server doesn't take.
   */
  async authenticate(url: URL, request: SentElsewhere): Promise<void> {
    const { flow, begun, state } = this.#parts;
    const { server } = begun.found.pending;
    if (url.href !== new URL(server.token_endpoint).href) {
      throw new IssuerMismatchError(
        server.issuer,
        url.origin,
        `The login was begun at ${server.issuer}, and its code was about to go to ${quoted(url.origin)}. It was not sent.`,
      );
    }
    await flow.authenticate(begun.found.pending, request, state);
  }

  /** The token endpoint has refused {@link clientId}: the next login is not begun with it. */
  async clientRejected(): Promise<void> {
    await this.#parts.flow.clientRejected(this.#parts.begun.found.pending);
  }

  /** Shows the authorization URL to the person at this machine. */
  async open(): Promise<BrowserResult> {
    const { browser } = this.#parts;
    return browser
      ? await browser.open(this.authorizationUrl)
      : { opened: false, reason: 'this host was given no browser' };
  }

  /** The PKCE verifier, once: a code that was refused must not be sent again (RFC 6749 section 4.1.2). */
  takeVerifier(): string {
    if (this.#verifierGiven) throw new CallbackRejectedError('unknown_flow');
    this.#verifierGiven = true;
    this.#sentAt = this.#parts.clock.now();
    return this.#parts.begun.found.pending.codeVerifier;
  }

  /** Waits for the person's way back to the listener, and resolves with the code of a response that is in order. */
  async code(): Promise<string> {
    for (let rejections = 0; ; rejections++) {
      const { listening, begun, state } = this.#parts;
      if (!listening) throw new CallbackRejectedError('unknown_flow');
      const callback = await (this.#response ?? listening.response(begun.state));
      this.#response = undefined;
      try {
        const code = await this.accept(callback.url);
        callback.show('succeeded');
        await listening.close();
        return code;
      } catch (error) {
        const forged = error instanceof CallbackRejectedError && error.reason !== 'unknown_flow';
        callback.show(error instanceof CallbackRejectedError ? 'failed' : 'denied');
        if (!forged || rejections >= MAX_REJECTIONS) {
          await listening.close();
          throw error;
        }
        state.emit({ type: 'authorization_refused', code: error.code, reason: error.reason });
      }
    }
  }

  /**
   * Checks the address that the person came back to, and resolves with its code.
   *
   * @throws {CallbackRejectedError | AuthorizationDeniedError}
   */
  async accept(callbackUrl: URL): Promise<string> {
    const { flow, begun, state } = this.#parts;
    if (callbackUrl.searchParams.get('state') !== this.state)
      throw new CallbackRejectedError('state_mismatch');
    try {
      const { parameters } = await flow.accept(begun.found, callbackUrl.searchParams);
      return parameters.get('code') ?? '';
    } catch (error) {
      await state.stepUps.ended(error, begun.found.pending.scope);
      throw error;
    }
  }

  /**
   * Keeps what the token endpoint gave, unless a person has ended the login meanwhile.
   *
   * @throws {TokenRequestError} these tokens can't be used.
   * @throws {CallbackRejectedError | DpopUnsupportedError | StoreError}
   */
  async commit(tokens: TokenResponse): Promise<void> {
    const { flow, begun, state, clock } = this.#parts;
    const { pending } = begun.found;
    const issuedAt = this.#sentAt === 0 ? clock.now() : this.#sentAt;
    const usable = tokenSet(tokens, issuedAt, pending.dpop);
    if (!usable) {
      throw new TokenRequestError(
        pending.server.issuer,
        'gave a token of a type or form that can not be used here',
      );
    }
    const grant = await flow.commit(pending, newGrant(pending, usable), state);
    loginCompleted(state, grant);
    await this.close();
  }

  /** Frees the port. The flow itself runs out. */
  async close(): Promise<void> {
    await this.#parts.listening?.close();
  }
}
