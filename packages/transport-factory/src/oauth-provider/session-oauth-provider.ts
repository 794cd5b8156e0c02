import {
  AuthorizationRequiredError,
  BrowserError,
  CallbackRejectedError,
  DpopUnsupportedError,
} from '@mcp-oauth/core';
import type {
  ClientMetadata,
  CurrentToken,
  DelegatedAuthorization,
  DpopProver,
  OAuthSession,
} from '@mcp-oauth/core';
import { CredentialsRenewedError } from './credentials-renewed-error.js';
import { OpenLogin } from './open-login.js';
import { sdkProofs } from './sdk-proofs.js';
import { discoveryStateOf, sdkTokens, unusedDiscoveryState } from './sdk-provider.js';
import type {
  SdkClientInformation,
  SdkClientMetadata,
  SdkDiscoveryState,
  SdkTokens,
} from './sdk-provider.js';

/** Requests that were sent just before a renewal come back refused just after it. */
const STRAGGLERS_MS = 2_000;
const DEFAULT_REDIRECT = 'http://localhost:9876/callback';
/** Stands in the SDK's own authorization URL, which nobody gets to see. */
const UNUSED = 'unused';

export interface SessionOAuthProviderOptions {
  readonly session: OAuthSession;
  readonly client: ClientMetadata;
  /** The host's own callback address. Without it the client's listener on this machine is used. */
  readonly redirectUrl?: string | undefined;
  /** Sends the person's browser to the authorization URL, where the host does that itself. */
  readonly onRedirect?: ((authorizationUrl: URL) => void | Promise<void>) | undefined;
}

/**
 * An `OAuthClientProvider` of both SDK majors over a session, for hosts that can take nothing else. `session.fetch` is
 * smoother: here an unexpected 401 costs each caller one {@link CredentialsRenewedError} and a repetition, because the
 * SDK counts a login as good only after a token request of its own.
 *
 * The SDK's `auth()` runs, over our records and with our checks: it never sees a refresh token, discovers and registers
 * nothing, sends one code once, and can't erase a login. `session.invalidate` and `session.revoke` do.
 */
export class SessionOAuthProvider {
  #options: SessionOAuthProviderOptions;
  /** Whether the SDK adds a proof to what has to have one. Else no token is bound to a key. */
  #sendsProofs = false;
  readonly #login = new OpenLogin();
  #handedOut: CurrentToken | undefined;
  #renewedAt = -Infinity;

  constructor(options: SessionOAuthProviderOptions) {
    this.#options = options;
  }

  /** What a host says later counts from the next login on. What it leaves out stays. */
  update({ session, redirectUrl, onRedirect }: Omit<SessionOAuthProviderOptions, 'client'>): void {
    const { client, ...known } = this.#options;
    this.#options = {
      client,
      session,
      redirectUrl: redirectUrl ?? known.redirectUrl,
      onRedirect: onRedirect ?? known.onRedirect,
    };
  }

  /** Whether a login is under way that only this provider can end, and whose callback may still come. */
  get isLoggingIn(): boolean {
    return this.#login.isOpen;
  }

  get redirectUrl(): string {
    return this.#login.flow?.redirectUri ?? this.#options.redirectUrl ?? DEFAULT_REDIRECT;
  }

  get clientMetadata(): SdkClientMetadata {
    return { ...this.#options.client, redirect_uris: [this.redirectUrl] };
  }

  /** A good token, renewed ahead of its end. No refresh token: the SDK would spend it without asking anybody. */
  async tokens(): Promise<SdkTokens | undefined> {
    try {
      return sdkTokens(this.#handOut(await this.#options.session.currentToken({ dpop: this.#sendsProofs })));
    } catch (error) {
      // SDK v2 asks for a token before it asks for what proves it, and again after that.
      const isEarly = error instanceof DpopUnsupportedError && !this.#sendsProofs;
      if (isEarly || error instanceof AuthorizationRequiredError) return undefined;
      throw error;
    }
  }

  /** Keeps `auth()` from discovering anything. Before a login is under way nobody is asked yet: see the redirect. */
  discoveryState(): SdkDiscoveryState {
    const { flow, isChecked } = this.#login;
    return flow
      ? discoveryStateOf(flow.discovered, isChecked)
      : unusedDiscoveryState(this.#options.session.key.resource, this.#handedOut?.issuer);
  }

  /**
   * Keeps `auth()` from registering anything, and holds no secret. No issuer is stamped on it: a login that another call
   * begins meanwhile would make it look like another server's, and be replaced by a registration.
   */
  clientInformation(): SdkClientInformation {
    return { client_id: this.#login.flow?.clientId ?? UNUSED };
  }

  state(): string {
    return this.#login.flow?.state ?? UNUSED;
  }

  /** Ours stands in the flow's record, paired with the challenge of the URL that we show. */
  saveCodeVerifier(): void {
    return undefined;
  }

  codeVerifier(): string {
    return this.#login.takeVerifier();
  }

  /** Both SDKs call it unbound. It proves the client in all the ways that this library has, and to no other server. */
  readonly addClientAuthentication = async (
    headers: Headers,
    body: URLSearchParams,
    url: string | URL,
  ): Promise<void> => {
    await this.#login.shown().authenticate(new URL(url), { headers, body });
  };

  /**
   * What the SDK proves possession with (RFC 9449): asked for ahead of each request by those that can, from 2.1 on, and
   * never by others.
   *
   * @returns Declared as what the types of every SDK take. `undefined` where all tokens are bearer tokens.
   */
  async dpop(): Promise<never> {
    this.#sendsProofs = true;
    return sdkProofs(await this.#callProver(), this.#login.flow?.dpop);
  }

  /**
   * What `auth()` comes to after every refusal, by 401 or by 403: its URL tells the scope that the server named, and is
   * thrown away. Renews quietly where that helps, else shows our own authorization URL, one for all callers: it has what
   * the SDK's lacks, and is checked.
   *
   * @throws {CredentialsRenewedError} the call has to be repeated, and nobody is asked.
   * @throws {StepUpExhaustedError} a person was asked already, or would be asked too often.
   * @throws {TransientError} the last logins have changed nothing: nobody is asked for a while.
   */
  async redirectToAuthorization(sdkUrl: URL): Promise<void> {
    const flow = await this.#login.join(() => this.#begin(sdkUrl.searchParams.get('scope') ?? ''));
    // One tab: whoever comes while the person is busy with it is told to wait for that one.
    if (!this.#login.takeShowing()) {
      throw new AuthorizationRequiredError(this.#options.session.key.resource, 'no_grant');
    }
    try {
      await this.#show(flow);
    } catch (error) {
      await this.#login.end();
      throw error;
    }
  }

  /**
   * The code for `transport.finishAuth`, from a response whose `state` and `iss` were checked. Waits for the listener,
   * or takes the address that the host's own callback was called with.
   *
   * @throws {CallbackRejectedError | AuthorizationDeniedError}
   */
  async authorizationCode(callbackUrl?: string | URL): Promise<string> {
    const flow = this.#login.shown();
    const callback = callbackUrl && URL.parse(callbackUrl, this.redirectUrl);
    // Whoever finds the host's address may call it with anything, which must not end an honest login.
    if (callback === null || callback === '') throw new CallbackRejectedError('state_mismatch');
    try {
      const code = await (callback ? flow.accept(callback) : flow.code());
      this.#login.checked();
      return code;
    } catch (error) {
      // Nobody listens any more after that; the host's own address can still be called.
      const isOver = callback === undefined && flow.isListening;
      if (isOver || !(error instanceof CallbackRejectedError)) await this.#login.end();
      throw error;
    }
  }

  /** Comes with the answer to our code alone: refreshes are never the SDK's. */
  async saveTokens(tokens: SdkTokens): Promise<void> {
    try {
      await this.#login.shown().commit(tokens);
    } finally {
      await this.#login.end();
    }
  }

  /**
   * The SDK calls it where the token endpoint refused our code: it ends the login that is under way, and a client that was
   * refused is not used again. A login that is there is erased by a person alone.
   */
  async invalidateCredentials(kind: string): Promise<void> {
    await this.#login.refused(kind === 'all' || kind === 'client' ? 'client' : 'code');
  }

  async #callProver(): Promise<DpopProver | undefined> {
    try {
      return await this.#options.session.dpop();
    } catch (error) {
      if (error instanceof AuthorizationRequiredError) return undefined;
      throw error;
    }
  }

  async #begin(scope: string): Promise<DelegatedAuthorization> {
    const { session, redirectUrl } = this.#options;
    const stepUpScope = await this.#stepUpScope(scope);
    if (!session.isPersonal) throw await this.#withoutPerson(stepUpScope);
    const flow = await session.delegateAuthorization({
      dpop: this.#sendsProofs,
      ...(redirectUrl === undefined ? {} : { redirectUri: redirectUrl }),
      ...(stepUpScope === undefined ? {} : { scope: stepUpScope }),
    });
    try {
      // Discovery takes its time, in which the person may have logged in elsewhere: they must not be asked again.
      if (stepUpScope === undefined && (await this.#hasNewLogin()))
        throw new CredentialsRenewedError(session.key.resource);
      return flow;
    } catch (error) {
      await flow.close();
      throw error;
    }
  }

  async #hasNewLogin(): Promise<boolean> {
    const known = this.#handedOut?.grantId;
    const tokens = await this.tokens();
    return tokens !== undefined && this.#handedOut?.grantId !== known;
  }

  /**
   * What a person has to grant beyond what they have, or `undefined` where they are not logged in.
   *
   * @throws {CredentialsRenewedError} nothing: there is another token than the one that was refused.
   */
  async #stepUpScope(scope: string): Promise<string | undefined> {
    const { session } = this.#options;
    try {
      const rejected = this.#handedOut;
      const asked = { dpop: this.#sendsProofs };
      // Where another one is in use already, that is all there is to do.
      this.#handOut(await session.currentToken(asked));
      if (performance.now() - this.#renewedAt >= STRAGGLERS_MS) {
        const wanted = await session.stepUpScope({ scope });
        if (wanted !== undefined) return wanted;
        this.#handOut(await session.currentToken({ ...asked, ...(rejected ? { rejected } : {}) }));
        this.#renewedAt = performance.now();
      }
    } catch (error) {
      if (error instanceof AuthorizationRequiredError) return undefined;
      throw error;
    }
    throw new CredentialsRenewedError(session.key.resource);
  }

  /** What the caller is told where nobody can be sent to a page. */
  async #withoutPerson(stepUpScope: string | undefined): Promise<Error> {
    const { session } = this.#options;
    if (stepUpScope === undefined)
      return new AuthorizationRequiredError(session.key.resource, 'token_refused');
    await session.authorize({ scope: stepUpScope });
    return new CredentialsRenewedError(session.key.resource);
  }

  async #show(flow: DelegatedAuthorization): Promise<void> {
    const { onRedirect, session } = this.#options;
    if (onRedirect) {
      await onRedirect(flow.authorizationUrl);
      return;
    }
    const result = await flow.open();
    if (result.opened) return;
    throw new BrowserError(
      `No browser could be opened for the login to ${session.key.resource}: ${result.reason}.`,
    );
  }

  #handOut(token: CurrentToken): CurrentToken {
    const known = this.#handedOut;
    if (known && (known.generation !== token.generation || known.grantId !== token.grantId)) {
      this.#renewedAt = performance.now();
    }
    this.#handedOut = token;
    return token;
  }
}
