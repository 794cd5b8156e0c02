import type { PrivateJwk } from '../credentials/credentials.js';
import { InvalidConfigError, StoreError } from '../errors.js';
import type { ProofKey } from '../protocol/dpop-proof.js';
import { ALGORITHMS, algorithmOf } from '../protocol/signing-key.js';
import { sha256 } from '../session-key/digest.js';

/** What keys are made for, the one that everybody knows first. */
export const GENERATED_ALGORITHMS = ['ES256', 'ES384', 'ES512', 'PS256', 'RS256'];

/** The members that a thumbprint is made of, in their order (RFC 7638 section 3.2, RFC 8037 section 2). */
const THUMBPRINT_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  RSA: ['e', 'kty', 'n'],
  OKP: ['crv', 'kty', 'x'],
};
const PRIVATE_MEMBERS = ['kty', 'crv', 'x', 'y', 'd', 'n', 'e', 'p', 'q', 'dp', 'dq', 'qi'];
const RSA_KEY = { modulusLength: 2_048, publicExponent: new Uint8Array([1, 0, 1]) };

/** A key that tokens can be bound to. */
export interface DpopKey extends ProofKey {
  /** RFC 7638, SHA-256. */
  readonly thumbprint: string;
}

/** A new private key, as it is kept in a record. */
export async function generateJwk(alg: string): Promise<PrivateJwk> {
  const algorithm = { ...RSA_KEY, ...ALGORITHMS[alg], name: ALGORITHMS[alg]?.name ?? alg };
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  if (!('privateKey' in pair)) throw new TypeError(`${alg} is no algorithm for key pairs.`);
  const jwk = new Map(Object.entries(await crypto.subtle.exportKey('jwk', pair.privateKey)));
  return textMembers(PRIVATE_MEMBERS, (name) => jwk.get(name));
}

/**
 * The key of a record, for signing and nothing else: it can't be read out of memory again.
 *
 * @throws {StoreError} it is no key for the algorithm that the record names.
 */
export async function keyOfJwk(jwk: PrivateJwk, alg: string): Promise<DpopKey> {
  const algorithm = ALGORITHMS[alg];
  try {
    if (!algorithm) throw new TypeError('unknown algorithm');
    const privateKey = await crypto.subtle.importKey('jwk', { ...jwk }, algorithm, false, ['sign']);
    return await withPublicHalf(privateKey, alg, jwk);
  } catch {
    // Runtimes throw all kinds of errors here, and some quote what they could not read.
    throw damagedKey('is none');
  }
}

export function damagedKey(problem: string): StoreError {
  return new StoreError(
    'corrupt',
    `A record in the token store is damaged: the key that its tokens are bound to ${problem}.`,
  );
}

/**
 * A key pair of the host's own, whose private half need not be readable.
 *
 * @throws {InvalidConfigError}
 */
export async function keyOfPair({ privateKey, publicKey }: CryptoKeyPair): Promise<DpopKey> {
  const alg = algorithmOfPair({ privateKey, publicKey });
  try {
    const jwk = new Map(Object.entries(await crypto.subtle.exportKey('jwk', publicKey)));
    return await withPublicHalf(
      privateKey,
      alg,
      textMembers(PRIVATE_MEMBERS, (name) => jwk.get(name)),
    );
  } catch {
    throw unusable('the public half can not be read');
  }
}

/** @throws {InvalidConfigError} it can't sign proofs. */
export function algorithmOfPair({ privateKey, publicKey }: CryptoKeyPair): string {
  if (privateKey.type !== 'private' || !privateKey.usages.includes('sign')) {
    throw unusable('the private half must have the usage "sign"');
  }
  if (publicKey.type !== 'public') throw unusable('the public half is none');
  const alg = algorithmOf(privateKey);
  if (alg === undefined || alg !== algorithmOf(publicKey)) {
    throw unusable('its two halves are not of one asymmetric signature algorithm');
  }
  return alg;
}

async function withPublicHalf(privateKey: CryptoKey, alg: string, jwk: PrivateJwk): Promise<DpopKey> {
  const names = THUMBPRINT_MEMBERS[jwk['kty'] ?? ''] ?? [];
  const publicJwk = textMembers(names, (name) => jwk[name]);
  if (names.length === 0 || Object.keys(publicJwk).length !== names.length) throw new TypeError('no key');
  return { privateKey, publicJwk, alg, thumbprint: await sha256(JSON.stringify(publicJwk)) };
}

function textMembers(
  names: readonly string[],
  member: (name: string) => unknown,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = member(name);
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}

function unusable(problem: string): InvalidConfigError {
  return new InvalidConfigError(`The key pair given as dpop can't be used: ${problem}.`);
}
