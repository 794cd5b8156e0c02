import type { Clock } from '../time/clock.js';
import { dpopProof } from '../protocol/dpop-proof.js';
import type { ProofKey } from '../protocol/dpop-proof.js';
import type { DpopNonces } from './dpop-nonces.js';

/** The one request that a proof is for. */
export interface DpopProofRequest {
  /** The method as it is sent. */
  readonly method: string;
  readonly url: string | URL;
  /** The access token that goes with it; a token request has none. */
  readonly accessToken?: string | undefined;
  /** Default: the last one that the origin of `url` named. */
  readonly nonce?: string | undefined;
}

/** Proves possession of the key that tokens are bound to (RFC 9449). The key itself stays inside. */
export class DpopProver {
  /** RFC 7638, SHA-256: what the tokens are bound to. */
  readonly thumbprint: string;
  readonly alg: string;
  readonly publicJwk: JsonWebKey;
  readonly #key: ProofKey;
  readonly #nonces: DpopNonces;
  readonly #clock: Clock;

  constructor(thumbprint: string, key: ProofKey, nonces: DpopNonces, clock: Clock) {
    this.thumbprint = thumbprint;
    this.alg = key.alg;
    this.publicJwk = key.publicJwk;
    this.#key = key;
    this.#nonces = nonces;
    this.#clock = clock;
  }

  /** The value of a `DPoP` header. Each request needs its own: servers refuse one that they have seen. */
  async proof(request: DpopProofRequest): Promise<string> {
    const nonce = request.nonce ?? this.#nonces.of(request.url);
    return await dpopProof(this.#key, { ...request, nonce }, this.#clock.now());
  }

  /** Remembers the `DPoP-Nonce` of an answer, whatever its status, and returns it. */
  observeNonce(url: string | URL, { headers }: { readonly headers: Headers }): string | undefined {
    return this.#nonces.observe(url, headers);
  }

  nonceFor(url: string | URL): string | undefined {
    return this.#nonces.of(url);
  }
}
