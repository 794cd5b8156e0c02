import { createLocalJWKSet, errors, jwtVerify, type JSONWebKeySet } from 'jose';
import { OAuthRefusal } from './refusal.js';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** An assertion that lives longer is worth stealing. */
const maxLifetimeS = 300;

/** Assertions by which clients prove themselves (RFC 7523 section 2.2), each of them good once. */
export class ClientAssertions {
  readonly #issuer: string;
  readonly #seen = new Set<string>();

  constructor(issuer: string) {
    this.#issuer = issuer;
  }

  /** Refuses what is not signed by this client, for this server, a moment ago. */
  async verify(form: URLSearchParams, clientId: string, jwks: JSONWebKeySet): Promise<void> {
    if (form.get('client_assertion_type') !== assertionType) throw new OAuthRefusal('invalid_client', 401);
    try {
      const { payload, protectedHeader } = await jwtVerify(
        form.get('client_assertion') ?? '',
        createLocalJWKSet(jwks),
        {
          issuer: clientId,
          subject: clientId,
          audience: this.#issuer,
          requiredClaims: ['exp', 'iat', 'jti'],
          clockTolerance: 5,
        },
      );
      const { aud, exp = 0, iat = 0, jti = '' } = payload;
      // The issuer alone: an assertion for several audiences could be shown to another of them.
      const isForUs = aud === this.#issuer && exp - iat <= maxLifetimeS && protectedHeader.kid !== undefined;
      if (!isForUs || this.#seen.has(jti)) throw new OAuthRefusal('invalid_client', 401);
      this.#seen.add(jti);
    } catch (error) {
      if (error instanceof errors.JOSEError) throw new OAuthRefusal('invalid_client', 401);
      throw error;
    }
  }
}
