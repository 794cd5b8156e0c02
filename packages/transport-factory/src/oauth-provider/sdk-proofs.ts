import type { DpopProver } from '@mcp-oauth/core';

/** A request, by the names that SDK v2 has for its parts. */
interface SdkProofRequest {
  readonly htm: string;
  readonly htu: string | URL;
  readonly accessToken?: string;
  readonly nonce?: string;
}

/**
 * What SDK v2 uses of its `DpopSession`. Each login has a key of its own, and calls go out with the token of the one
 * before as long as it lasts; the keys stay with the session.
 */
class SdkProofs {
  readonly #call: DpopProver;
  readonly #login: DpopProver;

  constructor(call: DpopProver, login: DpopProver) {
    this.#call = call;
    this.#login = login;
  }

  buildProof({ htm, htu, accessToken, nonce }: SdkProofRequest): Promise<string> {
    // A token request has no access token.
    const prover = accessToken === undefined ? this.#login : this.#call;
    return prover.proof({ method: htm, url: htu, accessToken, nonce });
  }

  observeNonce(response: Response, url: string | URL): void {
    this.#call.observeNonce(url, response);
  }
}

/** The private fields of the SDK's class let nothing else be of its type; what is of no type is of that one too. */
export function sdkProofs(call: DpopProver | undefined, login: DpopProver | undefined): never {
  const either = call ?? login;
  return (either && new SdkProofs(call ?? either, login ?? either)) as never;
}
