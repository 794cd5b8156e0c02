/** The `code` of every error that this library throws on purpose. Part of the public contract. */
export type OAuthClientErrorCode = AnyOAuthClientError['code'];

/** Both majors of the MCP SDK hand errors that carry this mark to the caller as they are. */
const authSeamEscape: unique symbol = Symbol.for('mcp.authSeamEscape');

/**
 * Base of every error that this library throws on purpose. Switch on `code`.
 *
 * No message, property, cause or stack ever holds a token, code, verifier, secret or response body.
 */
export abstract class OAuthClientError extends Error {
  abstract readonly code: string;
  readonly [authSeamEscape] = true;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/**
 * `no_grant` nobody has logged in · `expired` the token ended and there is no refresh token ·
 * `grant_rejected` the server refused the refresh token · `outcome_unknown` a refresh was lost in flight and its
 * token is spent · `client_rejected` the server doesn't know this client any more · `token_refused` the MCP server
 * refuses fresh tokens too · `insufficient_scope` the call needs more than was granted · `issuer_changed` the MCP
 * server names another authorization server now.
 */
export type AuthorizationRequiredReason =
  | 'no_grant'
  | 'expired'
  | 'grant_rejected'
  | 'outcome_unknown'
  | 'client_rejected'
  | 'token_refused'
  | 'insufficient_scope'
  | 'issuer_changed';

const authorizationRequiredText: Record<AuthorizationRequiredReason, string> = {
  no_grant: 'needs a login',
  expired: 'needs a new login: the access token has expired and no refresh token was given',
  grant_rejected: 'needs a new login: the authorization server no longer accepts the refresh token',
  outcome_unknown: 'needs a new login: a refresh was interrupted and the refresh token is spent',
  client_rejected: 'needs a new login: the authorization server no longer knows this client',
  token_refused: 'refuses the access token, also after it was renewed',
  insufficient_scope: 'asks for more permissions than were granted',
  issuer_changed: 'names another authorization server than the one that the login is for',
};

/** A person has to log in or consent. The host begins an authorization; nothing was lost. */
export class AuthorizationRequiredError extends OAuthClientError {
  readonly code = 'authorization_required';
  readonly resource: string;
  readonly reason: AuthorizationRequiredReason;
  /** The scopes to ask for, where the server named them. */
  readonly scope: string | undefined;

  constructor(resource: string, reason: AuthorizationRequiredReason, scope?: string) {
    super(`${resource} ${authorizationRequiredText[reason]}. Call authorize() or beginAuthorization().`);
    // Both majors of the MCP SDK look for this name to tell "log in" from a broken connection.
    this.name = 'UnauthorizedError';
    this.resource = resource;
    this.reason = reason;
    this.scope = scope;
  }
}

/** The person, or the authorization server, said no. */
export class AuthorizationDeniedError extends OAuthClientError {
  readonly code = 'authorization_denied';
  readonly resource: string;
  /** The `error` of the response (RFC 6749 section 4.1.2.1). */
  readonly error: string;

  constructor(resource: string, error: string) {
    super(
      error === 'access_denied'
        ? `The login for ${resource} was declined.`
        : `The authorization server refused the login for ${resource} (${JSON.stringify(error)}).`,
    );
    this.resource = resource;
    this.error = error;
  }
}

/** Nobody finished the login in time. */
export class AuthorizationTimeoutError extends OAuthClientError {
  readonly code = 'authorization_timeout';
  readonly resource: string;

  constructor(resource: string, timeoutMs: number) {
    super(
      `Nobody finished the login for ${resource} within ${String(Math.round(timeoutMs / 1000))} s. Try again.`,
    );
    this.resource = resource;
  }
}

/**
 * `state_mismatch` not a flow of ours · `iss_mismatch` another server answered (RFC 9207) · `iss_missing` the server
 * announces `iss` and left it out · `unknown_flow` ended, expired or already used · `duplicate_parameter` ·
 * `missing_code` · `redirect_mismatch` another address than the one the flow began with · `owner_mismatch` begun by
 * another user · `binding_mismatch` begun in another browser.
 */
export type CallbackRejectedReason =
  | 'state_mismatch'
  | 'iss_mismatch'
  | 'iss_missing'
  | 'unknown_flow'
  | 'duplicate_parameter'
  | 'missing_code'
  | 'redirect_mismatch'
  | 'owner_mismatch'
  | 'binding_mismatch';

const callbackRejectedText: Record<CallbackRejectedReason, string> = {
  state_mismatch: 'its state belongs to no login that was begun here',
  iss_mismatch: 'it names another authorization server than the one the login was begun at',
  iss_missing: 'the authorization server announces the iss parameter and left it out',
  unknown_flow: 'the login has ended, expired or was already completed; begin a new one',
  duplicate_parameter: 'it repeats a parameter',
  missing_code: 'it has neither a code nor an error',
  redirect_mismatch: 'it is not the redirect address that the login was begun with',
  owner_mismatch: 'the login was begun by somebody else',
  binding_mismatch: 'the login was begun in another browser',
};

/** An authorization response was not taken. Nothing was sent and nothing changed. */
export class CallbackRejectedError extends OAuthClientError {
  readonly code = 'callback_rejected';
  readonly reason: CallbackRejectedReason;

  constructor(reason: CallbackRejectedReason) {
    super(`The authorization response was not accepted: ${callbackRejectedText[reason]}.`);
    this.reason = reason;
  }
}

/** No usable metadata was found for an MCP server or its authorization server. */
export class DiscoveryError extends OAuthClientError {
  readonly code = 'discovery_failed';
  readonly resource: string;
  /** Every address that was asked, with what came of it. */
  readonly tried: readonly string[];

  constructor(resource: string, problem: string, tried: readonly string[]) {
    super(`${resource}: ${problem}.${tried.length > 0 ? ` Tried ${tried.join('; ')}.` : ''}`);
    this.resource = resource;
    this.tried = tried;
  }
}

/** A metadata document speaks for another issuer than the one it was asked for (RFC 8414 section 3.3). */
export class IssuerMismatchError extends OAuthClientError {
  readonly code = 'issuer_mismatch';

  constructor(expected: string, found: string) {
    super(
      `The authorization server metadata of ${quoted(expected)} names the issuer ${quoted(found)}. It was not used.`,
    );
  }
}

/** An MCP server's metadata speaks for another resource (RFC 9728 section 3.3). */
export class ResourceMismatchError extends OAuthClientError {
  readonly code = 'resource_mismatch';

  constructor(resource: string, found: string) {
    super(
      `The metadata of ${resource} speaks for ${quoted(found)} instead. No authorization server was contacted.`,
    );
  }
}

/** The authorization server doesn't announce PKCE with S256, which OAuth 2.1 requires. */
export class PkceUnsupportedError extends OAuthClientError {
  readonly code = 'pkce_unsupported';

  constructor(issuer: string) {
    super(
      `The authorization server ${issuer} does not announce PKCE with S256, so a login would not be safe.`,
    );
  }
}

/** No client identifier could be had at the authorization server. */
export class RegistrationError extends OAuthClientError {
  readonly code = 'registration_failed';
  readonly issuer: string;
  /** The `error` of the response (RFC 7591 section 3.2.2), where there was one. */
  readonly error: string | undefined;

  constructor(issuer: string, problem: string, error?: string) {
    super(`Registering this client at ${issuer} failed: ${problem}.`);
    this.issuer = issuer;
    this.error = error;
  }
}

/** The token endpoint refused, for good. */
export class TokenRequestError extends OAuthClientError {
  readonly code = 'token_request_failed';
  readonly issuer: string;
  /** The `error` of the response (RFC 6749 section 5.2), where there was one. */
  readonly error: string | undefined;
  readonly status: number | undefined;

  constructor(issuer: string, problem: string, details: { error?: string; status?: number } = {}) {
    super(`The token endpoint of ${issuer} ${problem}.`);
    this.issuer = issuer;
    this.error = details.error;
    this.status = details.status;
  }
}

/** Something on the way failed and may work later. The grant was kept. */
export class TransientError extends OAuthClientError {
  readonly code = 'transient';
  /** How long to wait before it makes sense to try again, where that is known. */
  readonly retryAfterMs: number | undefined;
  readonly grantKept = true;

  constructor(message: string, retryAfterMs?: number) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** A server named an address that must not be used. */
export class UnsafeUrlError extends OAuthClientError {
  readonly code = 'unsafe_url';
  /** Which field named it: `authorization_endpoint`, `resource_metadata` … */
  readonly field: string;

  constructor(field: string, problem: string) {
    super(`The address in ${field} must not be used: ${problem}.`);
    this.field = field;
  }
}

/** A server named an address inside a private network, which this host does not allow. */
export class BlockedAddressError extends OAuthClientError {
  readonly code = 'blocked_address';
  readonly field: string;

  constructor(field: string, address: string) {
    super(`The address in ${field} leads to ${quoted(address)}, which is not reachable from here by policy.`);
    this.field = field;
  }
}

/** A server sent more, or took longer, than a client has to bear. */
export class LimitExceededError extends OAuthClientError {
  readonly code = 'limit_exceeded';

  constructor(what: string, limit: string) {
    super(`${what} went beyond the limit of ${limit}.`);
  }
}

export type StoreErrorKind =
  | 'unavailable'
  | 'misconfigured'
  | 'corrupt'
  | 'permission'
  | 'full'
  | 'read_only'
  | 'schema'
  | 'busy'
  | 'key_unavailable';

/** The token store could not do its work. Never means "not logged in". */
export class StoreError extends OAuthClientError {
  readonly code = 'store_failed';
  readonly kind: StoreErrorKind;

  constructor(kind: StoreErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** The host's configuration can't work. The message names what to change. */
export class InvalidConfigError extends OAuthClientError {
  readonly code = 'invalid_config';
}

/** No browser could be opened and nobody is there to be asked. */
export class BrowserError extends OAuthClientError {
  readonly code = 'browser_failed';
}

/** `close()` was called on the client. */
export class ClientClosedError extends OAuthClientError {
  readonly code = 'closed';

  constructor() {
    super('The OAuth client was closed.');
  }
}

/** Everything this library throws on purpose: `switch (error.code)` narrows it. */
export type AnyOAuthClientError =
  | AuthorizationRequiredError
  | AuthorizationDeniedError
  | AuthorizationTimeoutError
  | CallbackRejectedError
  | DiscoveryError
  | IssuerMismatchError
  | ResourceMismatchError
  | PkceUnsupportedError
  | RegistrationError
  | TokenRequestError
  | TransientError
  | UnsafeUrlError
  | BlockedAddressError
  | LimitExceededError
  | StoreError
  | InvalidConfigError
  | BrowserError
  | ClientClosedError;

/** Server text as it may stand in a message: quoted, without control characters, cut. */
export function quoted(text: string): string {
  const printable = text.replace(/[^\x20-\x7e]/g, '?');
  return JSON.stringify(printable.length > 120 ? `${printable.slice(0, 119)}…` : printable);
}
