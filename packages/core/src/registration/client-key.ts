/**
 * A private key that proves who this client is (`private_key_jwt`, RFC 7523 section 2.2). Never stored: it stays with
 * whoever configures it.
 */
export interface ClientKey {
  /** A signing key of Web Crypto, which need not be extractable; a private JWK; or a PKCS#8 PEM text. */
  readonly key: CryptoKey | JsonWebKey | string;
  /** The name of its public half in the JWKS that the server knows. */
  readonly kid?: string | undefined;
  /** JWS algorithm: `ES256`, `RS256`, `PS256`, `EdDSA` … Default: what fits the key. */
  readonly alg?: string | undefined;
}

/** How a client proves itself at the token endpoint (RFC 7591 section 2, OpenID Connect Core section 9). */
export type TokenEndpointAuthMethod =
  'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt';
