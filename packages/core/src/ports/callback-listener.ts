export interface ListenOptions {
  /** Redirect URIs to try, in this order; the first whose port is free is taken. All are loopback http. */
  readonly redirectUris: readonly [string, ...string[]];
  /** Where all of them are taken: use any free port, with the host and path of the first. */
  readonly anyPort: boolean;
  /** Stops listening; a response that is awaited then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What the person sees once the outcome is known. */
export type CallbackPage = 'succeeded' | 'denied' | 'failed';

export interface AuthorizationCallback {
  /** The address that the person was sent to, with its query. Checked for nothing but its `state`. */
  readonly url: URL;
  /** Answers the person's browser, which waits. The first call counts. Without one, `close` shows `failed`. */
  show(page: CallbackPage): void;
}

export interface ListeningCallback {
  /** The redirect URI that is really listened on: bound before anyone is told about it. */
  readonly redirectUri: string;
  /**
   * Resolves with the first callback whose `state` is this one. Called again once that one was shown `failed`, it
   * waits for the next: the first may have been forged. Everything else that arrives is answered and changes
   * nothing: another state, none, a wrong path, host or method, a repeated parameter.
   */
  response(state: string): Promise<AuthorizationCallback>;
  /** Stops listening at once, drops idle connections, and frees the port before it resolves. May be called twice. */
  close(): Promise<void>;
}

/** Receives the redirect that ends an authorization (RFC 8252 section 7.3). */
export interface CallbackListener {
  /** Rejects with `InvalidConfigError` where no port could be had. */
  listen(options: ListenOptions): Promise<ListeningCallback>;
}
