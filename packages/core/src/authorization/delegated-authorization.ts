import type { TokenSet } from '../credentials/credentials.js';
import type { Discovered } from '../discovery/discovery.js';
import type { DpopProver } from '../dpop/dpop-prover.js';
import { tokenType } from '../dpop/token-type.js';
import { CallbackRejectedError, IssuerMismatchError, TokenRequestError, quoted } from '../errors.js';
import type { Browser, BrowserResult } from '../ports/browser.js';
import type { ListeningCallback } from '../ports/callback-listener.js';
import type { SessionState } from '../session/session-state.js';
import { loginCompleted } from './login-completed.js';
import type { Clock } from '../time/clock.js';
import type { AuthorizationFlow, BegunAuthorization, SentElsewhere } from './authorization-flow.js';
import { newGrant } from './login-commit.js';

/** A token response as another library read it (RFC 6749 section 5.1). */
export interface DelegatedTokens {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in?: number | undefined;
  readonly refresh_token?: string | undefined;
  readonly scope?: string | undefined;
}

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
    const { flow, begun } = this.#parts;
    const { server } = begun.found.pending;
    if (url.href !== new URL(server.token_endpoint).href) {
      throw new IssuerMismatchError(
        server.issuer,
        url.origin,
        `The login was begun at ${server.issuer}, and its code was about to go to ${quoted(url.origin)}. It was not sent.`,
      );
    }
    await flow.authenticate(begun.found.pending, request);
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
    for (;;) {
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
        if (!forged) {
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

  /** Keeps what the token endpoint gave, unless a person has ended the login meanwhile. */
  async commit(tokens: DelegatedTokens): Promise<void> {
    const { flow, begun, state, clock } = this.#parts;
    const { pending } = begun.found;
    const issued_at = this.#sentAt === 0 ? clock.now() : this.#sentAt;
    const { access_token, refresh_token, scope, expires_in } = tokens;
    const type = tokenType(tokens.token_type, pending.dpop);
    if (!type) {
      throw new TokenRequestError(pending.server.issuer, 'gave a token of a type that can not be used here');
    }
    const expires_at = expires_in === undefined ? undefined : issued_at + expires_in * 1_000;
    const tokenSet: TokenSet = {
      access_token,
      token_type: type,
      refresh_token,
      scope,
      issued_at,
      expires_at,
    };
    const grant = await flow.commit(pending, newGrant(pending, tokenSet), state.repository);
    loginCompleted(state, grant);
    await this.close();
  }

  /** Frees the port. The flow itself runs out. */
  async close(): Promise<void> {
    await this.#parts.listening?.close();
  }
}
