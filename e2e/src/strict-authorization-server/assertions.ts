import { randomUUID } from 'node:crypto';
import {
  createLocalJWKSet,
  decodeJwt,
  errors,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
  type JSONWebKeySet,
  type JWTPayload,
} from 'jose';
import type { TrustedIssuer } from './behaviour.js';
import { OAuthRefusal } from './refusal.js';

const algorithm = 'ES256';
const idJagType = 'oauth-id-jag+jwt';

/** What was said by somebody whom the server trusts, for a person or a workload. */
export interface VerifiedAssertion {
  readonly subject: string;
  /** Only of an ID-JAG: which client may use it, and for which MCP server. */
  readonly clientId: string | undefined;
  readonly resource: string | undefined;
}

/** Signs what an identity provider says, and verifies what others say (RFC 7523 section 3). */
export class Assertions {
  readonly #issuer: string;
  readonly #keys = generateKeyPair(algorithm, { extractable: true });
  readonly #seen = new Set<string>();

  constructor(issuer: string) {
    this.#issuer = issuer;
  }

  async jwks(): Promise<JSONWebKeySet> {
    const { publicKey } = await this.#keys;
    return { keys: [{ ...(await exportJWK(publicKey)), alg: algorithm, kid: 'key-1' }] };
  }

  idToken(clientId: string, subject: string, ttlS: number): Promise<string> {
    return this.#sign({ sub: subject, aud: clientId }, ttlS, 'JWT');
  }

  /** The `access_token` of a token exchange that asked for an ID-JAG. */
  idJag(claims: JWTPayload, ttlS: number): Promise<string> {
    return this.#sign(claims, ttlS, idJagType);
  }

  /** Whom an ID token of this server is about. */
  async subjectOf(idToken: string, clientId: string): Promise<string> {
    const keys = createLocalJWKSet(await this.jwks());
    const expected = { issuer: this.#issuer, audience: clientId };
    return await refusing(async () => (await jwtVerify(idToken, keys, expected)).payload.sub ?? '');
  }

  /** @param once Whether an assertion is good a single time, as RFC 7523 section 3 allows. */
  async verify(
    assertion: string,
    trusted: readonly TrustedIssuer[],
    once: boolean,
  ): Promise<VerifiedAssertion> {
    return await refusing(async () => {
      const { iss } = decodeJwt(assertion);
      const known = trusted.find(({ issuer }) => issuer === iss);
      if (known === undefined) throw new OAuthRefusal('invalid_grant');
      const { payload, protectedHeader } = await jwtVerify(assertion, createLocalJWKSet(known.jwks), {
        audience: this.#issuer,
        requiredClaims: ['sub', 'exp', 'iat', 'jti'],
      });
      const { sub = '', jti = '', client_id, resource } = payload;
      if (once && this.#seen.has(jti)) throw new OAuthRefusal('invalid_grant');
      this.#seen.add(jti);
      const isIdJag = protectedHeader.typ === idJagType;
      if (isIdJag !== (known.kind === 'identity_provider')) throw new OAuthRefusal('invalid_grant');
      return { subject: sub, clientId: text(client_id), resource: text(resource) };
    });
  }

  async #sign(claims: JWTPayload, ttlS: number, typ: string): Promise<string> {
    const { privateKey } = await this.#keys;
    const now = Math.floor(Date.now() / 1_000);
    return await new SignJWT(claims)
      .setProtectedHeader({ alg: algorithm, kid: 'key-1', typ })
      .setIssuer(this.#issuer)
      .setIssuedAt(now)
      .setExpirationTime(now + ttlS)
      .setJti(randomUUID())
      .sign(privateKey);
  }
}

async function refusing<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (error) {
    if (error instanceof errors.JOSEError) throw new OAuthRefusal('invalid_grant');
    throw error;
  }
}

function text(claim: unknown): string | undefined {
  return typeof claim === 'string' ? claim : undefined;
}
