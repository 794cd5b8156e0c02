import type { JSONWebKeySet } from 'jose';

/** What `/authorize`, or the page for user codes, was asked for. */
export interface AuthorizationRequest {
  readonly clientId: string;
  readonly scope: string;
  readonly resource: string | undefined;
  readonly parameters: URLSearchParams;
}

/** What the person says. `error` is sent back to the client as it is: `access_denied`, `server_error` … */
export type AuthorizationDecision =
  | { readonly user: string; readonly scope?: string }
  | { readonly error: string; readonly description?: string };

/**
 * What becomes of a refresh token that was already used:
 * `strict` it revokes the whole family with its access tokens (RFC 9700 section 4.14.2) · `reject_reuse` it is refused
 * and nothing else happens · `lenient` it stays good until the one that it was exchanged for is used, then as `strict` ·
 * `none` refresh tokens are never rotated.
 */
export type RotationMode = 'strict' | 'reject_reuse' | 'lenient' | 'none';

/** Somebody whose assertions the server takes for a grant: a platform that runs workloads, or an identity provider (ID-JAG). */
export interface TrustedIssuer {
  readonly kind: 'workload_platform' | 'identity_provider';
  readonly issuer: string;
  readonly jwks: JSONWebKeySet;
}

export interface TokenResponseContext {
  /** `authorization_code`, `refresh_token`, `client_credentials` … */
  readonly grantType: string;
  /** 1 for what the code gave, one more with every refresh. */
  readonly generation: number;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** May be changed while the server runs. */
export interface StrictBehaviour {
  /** Seconds, fractions allowed. `expires_in` is what is left of it in whole seconds, and at least 1. */
  accessTokenTtl: number;
  /** Seconds, fractions allowed. */
  refreshTokenTtl: number;
  rotation: RotationMode;
  /** How long a token request waits before it is processed. A client that gave up meanwhile is served all the same. */
  tokenLatencyMs: number;
  /** Awaited before a token request is processed, as a latency that ends when a test says so. */
  tokenGate: () => Promise<unknown>;
  /** The share of refreshes, from 0 to 1, that are processed and whose reply is lost. */
  lossRate: number;
  /** What is granted where the client asks for no scope. */
  defaultScope: string;
  /** Whether `/register` exists and is announced. */
  registration: boolean;
  /** Whether clients may, or must, push their authorization requests (RFC 9126). */
  pushedRequests: 'none' | 'offered' | 'required';
  /** Seconds, fractions allowed. */
  pushedRequestTtl: number;
  /** Whether people can log in on another device (RFC 8628). */
  deviceAuthorization: boolean;
  /** Seconds between two polls of a device code, fractions allowed. */
  deviceInterval: number;
  /** Seconds, fractions allowed. */
  deviceCodeTtl: number;
  /** Changes a device authorization response before it is sent; `undefined` leaves a member out. */
  deviceResponse: (response: JsonObject) => JsonObject;
  /** Whether tokens are bound to the key of a proof that comes with a token request (RFC 9449). */
  dpop: 'none' | 'offered';
  /** Whether each proof needs a nonce, which every token response brings and which is good once. */
  dpopNonces: boolean;
  /** Laid over the metadata; `undefined` leaves a member out. */
  metadata: JsonObject;
  /** The `iss` of the authorization response (RFC 9207). The metadata goes on announcing it: see `metadata`. */
  callbackIss: 'issuer' | 'omitted' | { readonly value: string };
  decide: (request: AuthorizationRequest) => AuthorizationDecision | Promise<AuthorizationDecision>;
  /** Whose assertions are taken for a grant. */
  trustedIssuers: readonly TrustedIssuer[];
  /** Whether an assertion is good a single time. */
  singleUseAssertions: boolean;
  /** As an identity provider: how long what it vouches for is good, in seconds. */
  identityAssertionTtl: number;
  /** As an identity provider: under which client id its clients are known at other servers, by their issuers. */
  clientsElsewhere: Readonly<Record<string, string>>;
  /** Changes a token response before it is sent; `undefined` leaves a member out. */
  tokenResponse: (response: JsonObject, context: TokenResponseContext) => JsonObject;
  /** Changes a registration response before it is sent. */
  registrationResponse: (response: JsonObject) => JsonObject;
}

export const defaultBehaviour: Readonly<StrictBehaviour> = {
  accessTokenTtl: 60,
  refreshTokenTtl: Infinity,
  rotation: 'strict',
  tokenLatencyMs: 0,
  tokenGate: () => Promise.resolve(),
  lossRate: 0,
  defaultScope: 'mcp:tools',
  registration: true,
  pushedRequests: 'none',
  pushedRequestTtl: 60,
  deviceAuthorization: false,
  deviceInterval: 1,
  deviceCodeTtl: 600,
  deviceResponse: (response) => response,
  dpop: 'none',
  dpopNonces: false,
  metadata: {},
  callbackIss: 'issuer',
  decide: () => ({ user: 'alice' }),
  trustedIssuers: [],
  singleUseAssertions: false,
  identityAssertionTtl: 300,
  clientsElsewhere: {},
  tokenResponse: (response) => response,
  registrationResponse: (response) => response,
};
