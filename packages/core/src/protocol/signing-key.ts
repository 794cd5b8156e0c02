import { InvalidConfigError } from '../errors.js';
import type { ClientKey } from '../registration/client-key.js';
import { fromBase64Url } from '../session-key/digest.js';

/** What a JWS algorithm is called in Web Crypto (RFC 7518 section 3.1, RFC 8037, RFC 9864). Symmetric ones don't prove anything. */
export const ALGORITHMS: Readonly<Record<string, EcKeyImportParams | RsaHashedImportParams | Algorithm>> = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  ES384: { name: 'ECDSA', namedCurve: 'P-384' },
  ES512: { name: 'ECDSA', namedCurve: 'P-521' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  RS384: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-384' },
  RS512: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
  PS384: { name: 'RSA-PSS', hash: 'SHA-384' },
  PS512: { name: 'RSA-PSS', hash: 'SHA-512' },
  EdDSA: { name: 'Ed25519' },
  Ed25519: { name: 'Ed25519' },
};

/** What a PKCS#8 text may hold, where nobody says: it is tried in this order. */
const PEM_ALGORITHMS = ['ES256', 'ES384', 'ES512', 'RS256', 'EdDSA'];
const CURVES: Readonly<Record<string, string>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'EdDSA',
};
/** What of a private JWK is the key itself; what it says about its use is the host's own note. */
const JWK_MEMBERS = ['kty', 'crv', 'x', 'y', 'd', 'n', 'e', 'p', 'q', 'dp', 'dq', 'qi'] as const;
const MIN_RSA_BITS = 2_048;

/** A key that is ready to sign. */
export interface ImportedKey {
  readonly key: CryptoKey;
  readonly kid: string | undefined;
  /** The JWS algorithm that the signature is named after. */
  readonly alg: string;
}

/** A private key of the host, imported when it is first used, and once. No error holds anything of it. */
export class SigningKey {
  readonly #given: ClientKey;
  readonly #whose: string;
  #imported: Promise<ImportedKey> | undefined;

  /**
   * @param whose For messages: `the client "abc"`.
   * @throws {InvalidConfigError} where it is no key by its look alone.
   */
  constructor(given: ClientKey, whose: string) {
    this.#given = given;
    this.#whose = whose;
    if (given.alg !== undefined && !Object.hasOwn(ALGORITHMS, given.alg)) {
      throw this.#invalid(`its algorithm must be one of ${Object.keys(ALGORITHMS).join(', ')}`);
    }
    const { key } = given;
    if (typeof key === 'string') this.#pemBytes(key);
    else if (isCryptoKey(key)) this.#assertSigns(key);
    else if (typeof key !== 'object' || typeof key.d !== 'string' || typeof key.kty !== 'string') {
      throw this.#invalid('it is neither a CryptoKey nor a private JWK nor a PKCS#8 PEM text');
    }
  }

  /** Whether it was made of the same. */
  isOf(given: ClientKey): boolean {
    const { key, kid, alg } = this.#given;
    if (kid !== given.kid || alg !== given.alg) return false;
    if (key === given.key) return true;
    if (typeof key === 'string' || typeof given.key === 'string') return false;
    if (isCryptoKey(key) || isCryptoKey(given.key)) return false;
    return JSON.stringify(key) === JSON.stringify(given.key);
  }

  /** @throws {InvalidConfigError} */
  imported(): Promise<ImportedKey> {
    this.#imported ??= this.#import();
    return this.#imported;
  }

  async #import(): Promise<ImportedKey> {
    const { key, kid, alg } = this.#given;
    if (typeof key === 'string') {
      const candidates = alg === undefined ? PEM_ALGORITHMS : [alg];
      for (const candidate of candidates) {
        const imported = await importKey('pkcs8', this.#pemBytes(key), candidate);
        if (imported) return this.#ready(imported, kid, candidate);
      }
      throw this.#invalid(`it is no key for ${candidates.join(', ')}`);
    }
    if (isCryptoKey(key)) {
      const fitting = algorithmOf(key);
      if (fitting === undefined) throw this.#invalid(`its kind (${key.algorithm.name}) is not supported`);
      const isSame = alg === undefined || alg === fitting || (alg === 'Ed25519' && fitting === 'EdDSA');
      if (!isSame) throw this.#invalid(`it is a key for ${fitting}, not for ${alg}`);
      return this.#ready(key, kid, alg ?? fitting);
    }
    // Of the others the curve decides, and runtimes note names of their own.
    const noted =
      key.kty === 'RSA' && key.alg !== undefined && /^[RP]S\d/.test(key.alg) ? key.alg : undefined;
    const wanted = alg ?? noted ?? (key.kty === 'RSA' ? 'RS256' : CURVES[key.crv ?? '']);
    if (wanted === undefined) throw this.#invalid('its kind of JWK is not supported');
    const members = Object.fromEntries(JWK_MEMBERS.map((name) => [name, key[name]]));
    const imported = await importKey('jwk', members, wanted);
    if (!imported) throw this.#invalid(`it is no key for ${wanted}`);
    return this.#ready(imported, kid ?? keyId(key), wanted);
  }

  #ready(key: CryptoKey, kid: string | undefined, alg: string): ImportedKey {
    const { modulusLength } = key.algorithm as Partial<RsaKeyAlgorithm>;
    if (modulusLength !== undefined && modulusLength < MIN_RSA_BITS) {
      throw this.#invalid(`an RSA key needs at least ${String(MIN_RSA_BITS)} bits`);
    }
    return { key, kid, alg };
  }

  #assertSigns(key: CryptoKey): void {
    if (key.type !== 'private' || !key.usages.includes('sign')) {
      throw this.#invalid('a CryptoKey must be private and must have the usage "sign"');
    }
  }

  #pemBytes(pem: string): Uint8Array<ArrayBuffer> {
    // Environment variables often carry the line breaks of a PEM text as two characters.
    const text = pem.replaceAll('\\n', '\n').trim();
    const label = /^-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text)?.[1];
    if (label !== undefined && label !== 'PRIVATE KEY') {
      throw this.#invalid(
        `it is PEM of another kind (${label}). Convert it: openssl pkcs8 -topk8 -nocrypt -in key.pem`,
      );
    }
    const body = /^-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----$/.exec(text)?.[1];
    const bytes = body && fromBase64Url(body.replace(/[\s=]/g, '').replaceAll('+', '-').replaceAll('/', '_'));
    if (!bytes) throw this.#invalid('it is no PKCS#8 PEM text ("-----BEGIN PRIVATE KEY-----")');
    return bytes;
  }

  #invalid(problem: string): InvalidConfigError {
    return new InvalidConfigError(`The private key of ${this.#whose} can't be used: ${problem}.`);
  }
}

/** `undefined` where it is no key for this algorithm. */
async function importKey(
  format: 'pkcs8' | 'jwk',
  material: Uint8Array<ArrayBuffer> | JsonWebKey,
  alg: string,
): Promise<CryptoKey | undefined> {
  const algorithm = ALGORITHMS[alg];
  if (!algorithm) return undefined;
  try {
    return format === 'pkcs8'
      ? await crypto.subtle.importKey(format, material as Uint8Array<ArrayBuffer>, algorithm, false, ['sign'])
      : await crypto.subtle.importKey(format, material as JsonWebKey, algorithm, false, ['sign']);
  } catch {
    // Runtimes throw all kinds of errors here, and some quote what they could not read.
    return undefined;
  }
}

export function algorithmOf({ algorithm }: CryptoKey): string | undefined {
  const { name, namedCurve, hash } = algorithm as { name: string; namedCurve?: string; hash?: Algorithm };
  return Object.keys(ALGORITHMS).find((alg) => {
    const known = ALGORITHMS[alg] as { name: string; namedCurve?: string; hash?: string };
    return known.name === name && known.namedCurve === namedCurve && known.hash === hash?.name;
  });
}

function isCryptoKey(key: ClientKey['key']): key is CryptoKey {
  return Object.prototype.toString.call(key) === '[object CryptoKey]';
}

function keyId(key: JsonWebKey): string | undefined {
  const kid: unknown = Reflect.get(key, 'kid');
  return typeof kid === 'string' ? kid : undefined;
}
