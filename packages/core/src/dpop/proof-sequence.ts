import type { DpopProver } from './dpop-prover.js';

/** The proofs of one request and its repetition, which carries the nonce that its own answer has brought. */
export class ProofSequence {
  readonly #prover: DpopProver;
  #nonce: string | undefined;

  constructor(prover: DpopProver) {
    this.#prover = prover;
  }

  /** What the last answer brought: others' requests may have used up what all of them share. */
  get nonce(): string | undefined {
    return this.#nonce;
  }

  async next(method: string, url: string | URL, accessToken?: string): Promise<string> {
    return await this.#prover.proof({ method, url, accessToken, nonce: this.#nonce });
  }

  observe(url: string | URL, response: { readonly headers: Headers }): void {
    this.#nonce = this.#prover.observeNonce(url, response);
  }
}
