import { AuthorizationRequiredError, BrowserError, CallbackRejectedError } from '@mcp-oauth/core';
import type { ClientMetadata, CurrentToken, DelegatedAuthorization, OAuthSession } from '@mcp-oauth/core';
import { CredentialsRenewedError } from './credentials-renewed-error.js';
import type {
  SdkClientInformation,
  SdkClientMetadata,
  SdkDiscoveryState,
  SdkTokens,
} from './sdk-provider.js';

/** Requests that were sent just before a renewal come back refused just after it. */
const STRAGGLERS_MS = 2_000;
/** As long as the flow's record is kept. */
const LOGIN_LIFETIME_MS = 10 * 60_000;
const DEFAULT_REDIRECT = 'http://localhost:9876/callback';

export interface SessionOAuthProviderOptions {
  readonly session: OAuthSession;
  readonly client: ClientMetadata;
  /** The host's own callback address. Without it the client's listener on this machine is used. */
  readonly redirectUrl?: string | undefined;
  /** Sends the person's browser to the authorization URL, where the host does that itself. */
  readonly onRedirect?: ((authorizationUrl: URL) => void | Promise<void>) | undefined;
}

/**
 * An `OAuthClientProvider` of both SDK majors over a session, for hosts that can take nothing else. `session.fetch` is smoother: here an
 * unexpected 401 costs each caller one {@link CredentialsRenewedError} and a repetition, because the SDK counts a login
 * as good only after a token request of its own.
 *
 * The SDK's `auth()` runs, over our records and with our checks: it never sees a refresh token, gets discovery and
 * registration from us, sends one code once, and can't erase a login. `session.invalidate` and `session.revoke` do.
 */
export class SessionOAuthProvider {
  readonly #options: SessionOAuthProviderOptions;
  #begun: Promise<DelegatedAuthorization> | undefined;
  #flow: DelegatedAuthorization | undefined;
  #shown = false;
  #handedOut: CurrentToken | undefined;
  #renewedAt = -Infinity;
  #beganAt = -Infinity;

  constructor(options: SessionOAuthProviderOptions) {
    this.#options = options;
  }

  /** Whether a login is under way that only this provider can end, and whose callback may still come. */
  get isLoggingIn(): boolean {
    return this.#begun !== undefined && performance.now() - this.#beganAt < LOGIN_LIFETIME_MS;
  }

  get redirectUrl(): string {
    return this.#flow?.redirectUri ?? this.#options.redirectUrl ?? DEFAULT_REDIRECT;
  }

  get clientMetadata(): SdkClientMetadata {
    return { ...this.#options.client, redirect_uris: [this.redirectUrl] };
  }

  /** A good token, renewed ahead of its end. No refresh token: the SDK would spend it without asking anybody. */
  async tokens(): Promise<SdkTokens | undefined> {
    try {
      const token = await this.#options.session.currentToken();
      this.#handedOut ??= token;
      if (this.#handedOut.generation !== token.generation || this.#handedOut.grantId !== token.grantId) {
        this.#handedOut = token;
        this.#renewedAt = performance.now();
      }
      return sdkTokens(token);
    } catch (error) {
      if (error instanceof AuthorizationRequiredError) return undefined;
      throw error;
    }
  }

  /** The first thing that `auth()` asks for: renews quietly where that helps, else begins one login for all callers. */
  async discoveryState(): Promise<SdkDiscoveryState> {
    const { discovered } = this.#flow ?? (await this.#renewOrBegin());
    const { server, resourceIndicator } = discovered;
    return {
      authorizationServerUrl: server.issuer,
      authorizationServerMetadata: {
        issuer: server.issuer,
        authorization_endpoint: server.authorization_endpoint ?? '',
        token_endpoint: server.token_endpoint,
        response_types_supported: ['code'],
        code_challenge_methods_supported: ['S256'],
        ...(server.token_endpoint_auth_methods_supported
          ? { token_endpoint_auth_methods_supported: [...server.token_endpoint_auth_methods_supported] }
          : {}),
      },
      ...(resourceIndicator === undefined
        ? {}
        : { resourceMetadata: { resource: resourceIndicator, authorization_servers: [server.issuer] } }),
    };
  }

  async clientInformation(): Promise<SdkClientInformation> {
    const flow = this.#flow ?? (await this.#renewOrBegin());
    return { ...flow.client(), issuer: flow.discovered.server.issuer };
  }

  /** Every registration is ours and stored already. */
  saveClientInformation(): void {
    return undefined;
  }

  async state(): Promise<string> {
    const flow = this.#flow ?? (await this.#renewOrBegin());
    // One tab: whoever comes while the person is busy with it is told to wait for that one.
    if (this.#shown) throw new AuthorizationRequiredError(this.#options.session.key.resource, 'no_grant');
    this.#shown = true;
    return flow.state;
  }

  /** Ours stands in the flow's record, paired with the challenge of the URL that we show. */
  saveCodeVerifier(): void {
    return undefined;
  }

  codeVerifier(): string {
    if (!this.#flow) throw new CallbackRejectedError('unknown_flow');
    return this.#flow.takeVerifier();
  }

  /** Shows our own authorization URL: it has what the SDK's lacks, and is checked. */
  async redirectToAuthorization(): Promise<void> {
    const flow = this.#flow;
    if (!flow) throw new CallbackRejectedError('unknown_flow');
    const { onRedirect, session } = this.#options;
    if (onRedirect) {
      await onRedirect(flow.authorizationUrl);
      return;
    }
    const result = await flow.open();
    if (result.opened) return;
    await this.#end();
    throw new BrowserError(
      `No browser could be opened for the login to ${session.key.resource}: ${result.reason}.`,
    );
  }

  /**
   * The code for `transport.finishAuth`, from a response whose `state` and `iss` were checked. Waits for the listener,
   * or takes the address that the host's own callback was called with.
   *
   * @throws {CallbackRejectedError | AuthorizationDeniedError}
   */
  async authorizationCode(callbackUrl?: string | URL): Promise<string> {
    const flow = this.#flow;
    if (!flow) throw new CallbackRejectedError('unknown_flow');
    try {
      return await (callbackUrl === undefined
        ? flow.code()
        : flow.accept(new URL(callbackUrl, this.redirectUrl)));
    } catch (error) {
      if (!(error instanceof CallbackRejectedError)) await this.#end();
      throw error;
    }
  }

  /** Comes with the answer to our code alone: refreshes are never the SDK's. */
  async saveTokens(tokens: SdkTokens): Promise<void> {
    const flow = this.#flow;
    if (!flow) throw new CallbackRejectedError('unknown_flow');
    await flow.commit(tokens);
    await this.#end();
  }

  /**
   * The SDK calls it for whoever lost a race, so it ends the login that is under way and nothing else. A login that
   * is there is erased by a person alone.
   */
  async invalidateCredentials(): Promise<void> {
    if (this.#flow && this.#shown) await this.#end();
  }

  async #renewOrBegin(): Promise<DelegatedAuthorization> {
    const { session, redirectUrl } = this.#options;
    if (performance.now() - this.#renewedAt < STRAGGLERS_MS)
      throw new CredentialsRenewedError(session.key.resource);
    try {
      const rejected = this.#handedOut;
      const renewed = await session.currentToken(rejected ? { rejected } : {});
      this.#handedOut = renewed;
      this.#renewedAt = performance.now();
    } catch (error) {
      if (!(error instanceof AuthorizationRequiredError)) throw error;
      if (!this.#begun) this.#beganAt = performance.now();
      this.#begun ??= session
        .delegateAuthorization(redirectUrl === undefined ? {} : { redirectUri: redirectUrl })
        .then(
          (flow) => {
            this.#flow = flow;
            return flow;
          },
          (failure: unknown) => {
            this.#begun = undefined;
            throw failure;
          },
        );
      return await this.#begun;
    }
    throw new CredentialsRenewedError(session.key.resource);
  }

  async #end(): Promise<void> {
    const flow = this.#flow;
    this.#flow = undefined;
    this.#begun = undefined;
    this.#shown = false;
    await flow?.close();
  }
}

function sdkTokens({ access_token, token_type, scope, expires_at, issuer }: CurrentToken): SdkTokens {
  return {
    access_token,
    token_type,
    ...(scope === undefined ? {} : { scope }),
    ...(expires_at === undefined
      ? {}
      : { expires_in: Math.max(0, Math.floor((expires_at - Date.now()) / 1_000)) }),
    ...{ issuer },
  };
}
