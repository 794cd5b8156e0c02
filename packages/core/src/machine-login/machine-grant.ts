import type { ClientKey, TokenEndpointAuthMethod } from '../registration/client-key.js';

/** What an assertion is wanted for. */
export interface AssertionRequest {
  /** The issuer of the authorization server that it will be shown to. */
  readonly audience: string;
  /** The resource indicator of the MCP server. */
  readonly resource: string;
  readonly scope: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gives a JWT, a new one each time: short-lived ones are the point of it. One for an authorization server names that in
 * `aud`, by its issuer or token endpoint, unless the session's `issuer` is configured. What it throws reaches the caller as
 * it is.
 */
export type AssertionSource = (request: AssertionRequest) => string | Promise<string>;

/** The company's identity provider, where a person has logged in to the host itself. */
export interface IdentityProvider {
  readonly issuer: string;
  /** Found by discovery where it is left out. */
  readonly tokenEndpoint?: string | undefined;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly privateKey?: ClientKey | undefined;
  readonly tokenEndpointAuthMethod?: TokenEndpointAuthMethod | undefined;
}

/**
 * How tokens are had without asking a person:
 * `client_credentials` the host itself is the owner (RFC 6749 section 4.4) · `jwt_bearer` a workload's own identity
 * (RFC 7523 section 2.1) · `enterprise_managed` the company's identity provider vouches for a person who is logged in to
 * the host (ID-JAG: RFC 8693, then RFC 7523).
 */
export type MachineGrant =
  | { readonly type: 'client_credentials' }
  | { readonly type: 'jwt_bearer'; readonly assertion: AssertionSource }
  | {
      readonly type: 'enterprise_managed';
      readonly identityProvider: IdentityProvider;
      /** The person's ID token of that provider. */
      readonly idToken: AssertionSource;
    };
