import { OAuthClientError } from './oauth-client-error.js';
import { quoted } from './quoted.js';

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

/**
 * A metadata document speaks for another issuer than the one it was asked for (RFC 8414 section 3.3), or an MCP server
 * names another authorization server than the one that its client belongs to. The other one got nothing.
 */
export class IssuerMismatchError extends OAuthClientError {
  readonly code = 'issuer_mismatch';
  readonly expected: string;
  readonly found: string;

  constructor(
    expected: string,
    found: string,
    message = `The authorization server metadata of ${quoted(expected)} names the issuer ${quoted(found)}. It was not used.`,
  ) {
    super(message);
    this.expected = expected;
    this.found = found;
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

/**
 * `not_offered` its authorization server doesn't announce it · `no_common_algorithm` the servers and this host know no
 * algorithm in common · `disabled` this host was told to use bearer tokens alone · `not_bound` the authorization server
 * gave a bearer token all the same · `not_through_here` whoever asks for the token can't send proofs with it.
 */
export type DpopUnsupportedReason =
  'not_offered' | 'no_common_algorithm' | 'disabled' | 'not_bound' | 'not_through_here';

const dpopUnsupportedText: Record<DpopUnsupportedReason, string> = {
  not_offered: 'its authorization server does not announce that it issues any. Tell whoever runs that server',
  no_common_algorithm: 'it, its authorization server and this host know no algorithm in common',
  disabled: "this host is configured with dpop: 'never'. Leave that out",
  not_bound:
    'its authorization server gave a bearer token, which was given back. Tell whoever runs that server',
  not_through_here:
    'whoever asks for the token here can not send the proofs that go with one. Give session.fetch to the transport',
};

/** An MCP server takes only tokens that are bound to a key (DPoP, RFC 9449), and there can be none. */
export class DpopUnsupportedError extends OAuthClientError {
  readonly code = 'dpop_unsupported';
  readonly resource: string;
  readonly reason: DpopUnsupportedReason;

  constructor(resource: string, reason: DpopUnsupportedReason) {
    super(`${resource} takes tokens that are bound to a key (DPoP), but ${dpopUnsupportedText[reason]}.`);
    this.resource = resource;
    this.reason = reason;
  }
}

/** No client identifier could be had at the authorization server. */
export class RegistrationError extends OAuthClientError {
  readonly code = 'registration_failed';
  readonly issuer: string;
  /** The `error` of the response (RFC 7591 section 3.2.2), where there was one. */
  readonly error: string | undefined;
  /** What stands in the message after the issuer. */
  readonly problem: string;

  constructor(issuer: string, problem: string, error?: string) {
    super(`Registering this client at ${issuer} failed: ${problem}.`);
    this.issuer = issuer;
    this.error = error;
    this.problem = problem;
  }
}

/** The token endpoint, or the one that announces a login on another device, refused for good. */
export class TokenRequestError extends OAuthClientError {
  readonly code = 'token_request_failed';
  readonly issuer: string;
  /** The `error` of the response (RFC 6749 section 5.2), where there was one. */
  readonly error: string | undefined;
  readonly status: number | undefined;

  constructor(
    issuer: string,
    problem: string,
    details: { error?: string; status?: number; endpoint?: string } = {},
  ) {
    super(`The ${details.endpoint ?? 'token endpoint'} of ${issuer} ${problem}.`);
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
  /** What is wrong with it, without repeating it. */
  readonly problem: string;

  constructor(field: string, problem: string) {
    super(`The address in ${field} must not be used: ${problem}.`);
    this.field = field;
    this.problem = problem;
  }
}

/** What kind of address it is that is not one of the public Internet. */
export type BlockedAddressReason =
  | 'broadcast'
  | 'carrier_grade_nat'
  | 'cloud_metadata'
  | 'ipv4_in_ipv6'
  | 'link_local'
  | 'loopback'
  | 'multicast'
  | 'not_an_address'
  | 'private'
  | 'reserved'
  | 'unspecified';

/** A server named a host inside a private network, which this host does not allow. Nothing was sent there. */
export class BlockedAddressError extends OAuthClientError {
  readonly code = 'blocked_address';
  readonly field: string;
  /** As it was named. What a name resolves to inside is nobody's business outside. */
  readonly host: string;
  readonly reason: BlockedAddressReason;

  constructor(field: string, host: string, reason: BlockedAddressReason) {
    super(
      `The address in ${field} leads to ${quoted(host)} (${reason.replaceAll('_', ' ')}), ` +
        'which is not reachable from here by policy.',
    );
    this.field = field;
    this.host = host;
    this.reason = reason;
  }
}

/** A server sent more, or took longer, than a client has to bear. */
export class LimitExceededError extends OAuthClientError {
  readonly code = 'limit_exceeded';

  constructor(what: string, limit: string) {
    super(`${what} went beyond the limit of ${limit}.`);
  }
}
