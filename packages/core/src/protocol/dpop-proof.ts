import { randomToken, sha256, toBase64Url, utf8 } from '../session-key/digest.js';

/** What signs proofs, and what a server is shown of it. */
export interface ProofKey {
  readonly privateKey: CryptoKey;
  readonly publicJwk: JsonWebKey;
  /** The JWS algorithm that signatures are named after. */
  readonly alg: string;
}

/** The one request that a proof is for. */
export interface ProvenRequest {
  readonly method: string;
  readonly url: string | URL;
  /** The token that goes with it; none goes to a token endpoint. */
  readonly accessToken?: string | undefined;
  readonly nonce?: string | undefined;
}

/**
 * A DPoP proof (RFC 9449 section 4.2), good for one request. Made here and not by the engine, which does it only for
 * requests that it sends itself, and reads their answers.
 *
 * @param at Unix time in milliseconds.
 */
export async function dpopProof(key: ProofKey, request: ProvenRequest, at: number): Promise<string> {
  const { method, accessToken, nonce } = request;
  const { origin, pathname } = new URL(request.url);
  const header = { typ: 'dpop+jwt', alg: key.alg, jwk: key.publicJwk };
  const claims = {
    jti: randomToken(16),
    htm: method,
    htu: origin + pathname,
    iat: Math.floor(at / 1_000),
    ...(accessToken === undefined ? {} : { ath: await sha256(accessToken) }),
    ...(nonce === undefined ? {} : { nonce }),
  };
  const signed = `${encoded(header)}.${encoded(claims)}`;
  const signature = await crypto.subtle.sign(signing(key), key.privateKey, utf8(signed));
  return `${signed}.${toBase64Url(new Uint8Array(signature))}`;
}

function encoded(part: object): string {
  return toBase64Url(utf8(JSON.stringify(part)));
}

/** What Web Crypto wants to know beside the key (RFC 7518 section 3.1): a PSS salt is as long as the hash. */
function signing({ alg, privateKey }: ProofKey): AlgorithmIdentifier | EcdsaParams | RsaPssParams {
  const bits = Number(alg.slice(2));
  switch (privateKey.algorithm.name) {
    case 'ECDSA':
      return { name: 'ECDSA', hash: `SHA-${String(bits)}` };
    case 'RSA-PSS':
      return { name: 'RSA-PSS', saltLength: bits / 8 };
    default:
      return privateKey.algorithm.name;
  }
}
