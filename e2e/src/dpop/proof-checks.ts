import { createHash, randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, errors, jwtVerify, type JWK } from 'jose';
import { nowMs } from '../http/clock.js';

const algorithms = ['ES256', 'ES384', 'ES512', 'PS256', 'RS256', 'EdDSA'];
const windowSeconds = 60;

export interface ProofRequest {
  /** The `DPoP` header as it came. */
  readonly header: string | readonly string[] | undefined;
  readonly method: string;
  /** Of the request, without query and fragment. */
  readonly url: string;
  /** The token that came with it; a token endpoint is shown none. */
  readonly accessToken?: string;
  readonly nonceRequired: boolean;
}

/** `jkt` the thumbprint of the key whose possession was proved. */
export type ProofVerdict =
  | { readonly jkt: string; readonly error?: never }
  | { readonly jkt?: never; readonly error: 'invalid_dpop_proof' | 'use_dpop_nonce' };

const invalid: ProofVerdict = { error: 'invalid_dpop_proof' };

/** Checks DPoP proofs as RFC 9449 section 4.3 says. Each proof, and each nonce, is good a single time. */
export class ProofChecks {
  readonly #seen = new Set<string>();
  readonly #nonces = new Set<string>();

  /** For the next proof of whoever gets it. */
  newNonce(): string {
    const nonce = randomBytes(12).toString('base64url');
    this.#nonces.add(nonce);
    return nonce;
  }

  async check({ header, method, url, accessToken, nonceRequired }: ProofRequest): Promise<ProofVerdict> {
    if (typeof header !== 'string') return invalid;
    const proof = await verified(header);
    if (!proof) return invalid;
    const { claims, jwk } = proof;
    const hash = accessToken === undefined ? undefined : sha256(accessToken);
    const fits =
      !('d' in jwk) &&
      typeof claims['jti'] === 'string' &&
      claims['htm'] === method &&
      claims['htu'] === url &&
      claims['ath'] === hash &&
      Math.abs(nowMs() / 1000 - Number(claims['iat'])) <= windowSeconds;
    if (!fits || this.#seen.has(String(claims['jti']))) return invalid;
    this.#seen.add(String(claims['jti']));
    if (nonceRequired && !this.#nonces.delete(String(claims['nonce']))) return { error: 'use_dpop_nonce' };
    return { jkt: await calculateJwkThumbprint(jwk) };
  }
}

async function verified(
  header: string,
): Promise<{ readonly claims: Readonly<Record<string, unknown>>; readonly jwk: JWK } | undefined> {
  try {
    const { payload, protectedHeader } = await jwtVerify(header, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms,
    });
    return protectedHeader.jwk && { claims: payload, jwk: protectedHeader.jwk };
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

function sha256(token: string): string {
  return createHash('sha256').update(token, 'ascii').digest('base64url');
}
