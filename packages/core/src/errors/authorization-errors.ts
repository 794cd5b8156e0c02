import { OAuthClientError } from './oauth-client-error.js';
import { quoted } from './quoted.js';

/**
 * `no_grant` nobody has logged in · `expired` the token ended and there is no refresh token ·
 * `grant_rejected` the server refused the refresh token · `outcome_unknown` a refresh was lost in flight and its
 * token is spent · `client_rejected` the server doesn't know this client any more · `token_refused` the MCP server
 * refuses fresh tokens too · `insufficient_scope` the call needs more than was granted · `issuer_changed` the MCP
 * server names another authorization server now · `key_missing` the tokens are bound to a key (DPoP) that this host
 * doesn't have.
 */
export type AuthorizationRequiredReason =
  | 'no_grant'
  | 'expired'
  | 'grant_rejected'
  | 'outcome_unknown'
  | 'client_rejected'
  | 'token_refused'
  | 'insufficient_scope'
  | 'issuer_changed'
  | 'key_missing';

const authorizationRequiredText: Record<AuthorizationRequiredReason, string> = {
  no_grant: 'needs a login',
  expired: 'needs a new login: the access token has expired and no refresh token was given',
  grant_rejected: 'needs a new login: the authorization server no longer accepts the refresh token',
  outcome_unknown: 'needs a new login: a refresh was interrupted and the refresh token is spent',
  client_rejected: 'needs a new login: the authorization server no longer knows this client',
  token_refused: 'refuses the access token, also after it was renewed',
  insufficient_scope: 'asks for more permissions than were granted',
  issuer_changed: 'names another authorization server than the one that the login is for',
  key_missing: 'needs a new login: its tokens are bound to a key (DPoP) that this host does not have',
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

/**
 * `repeated` it asks for more right after a person was asked for what this call lacked · `already_granted` it asks for
 * what the token has · `unnamed` it doesn't say what it wants · `denied` a person has declined it a while ago ·
 * `too_many` calls of this session have caused too many logins.
 */
export type StepUpExhaustedReason = 'repeated' | 'already_granted' | 'unnamed' | 'denied' | 'too_many';

const stepUpExhaustedText: Record<StepUpExhaustedReason, string> = {
  repeated: 'asks for more scopes right after a person was asked for what the call lacked',
  already_granted: 'refuses the call for want of scopes that the token has',
  unnamed: "refuses the call for want of scopes and doesn't say which",
  denied: 'asks for scopes that a person has declined',
  too_many: 'has asked for more scopes too often',
};

/**
 * The MCP server goes on refusing a call for want of scopes, and nobody is asked for them: a server whose challenge
 * changes each time would ask for ever. A person's own `authorize({ scope })` is not kept from it.
 */
export class StepUpExhaustedError extends OAuthClientError {
  readonly code = 'step_up_exhausted';
  readonly resource: string;
  readonly reason: StepUpExhaustedReason;
  /** What it asks for now, space-separated. */
  readonly scope: string | undefined;
  /** When a call may ask a person again, in milliseconds from now. Absent where time changes nothing. */
  readonly retryAfterMs: number | undefined;

  constructor(resource: string, reason: StepUpExhaustedReason, scope?: string, retryAfterMs?: number) {
    const named = scope === undefined ? '' : ` (${quoted(scope)})`;
    const until =
      retryAfterMs === undefined
        ? ''
        : ` Nobody is asked again for ${String(Math.ceil(retryAfterMs / 1_000))} s.`;
    super(
      `${resource} ${stepUpExhaustedText[reason]}${named}.${until} ` +
        'Call authorize({ scope }) if the person wants to grant more, or tell whoever runs that server.',
    );
    this.resource = resource;
    this.reason = reason;
    this.scope = scope;
    this.retryAfterMs = retryAfterMs;
  }
}
