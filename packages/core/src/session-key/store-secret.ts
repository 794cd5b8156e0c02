import { decodeRecord, encodeRecord } from '../record/record-codec.js';
import { StoreError } from '../errors.js';
import type { RecordKey, TokenStore } from '../ports/token-store.js';
import { fromBase64Url, toBase64Url, utf8 } from './digest.js';
import { lengthPrefixed, ownerParts } from './session-key.js';
import type { Owner } from './session-key.js';

const SECRET_BYTES = 32;
const PARTITION_BYTES = 16;
const NONCE_BYTES = 12;

/** Where the secret lies that the store keeps when the host brings none. */
export const SECRET_KEY: RecordKey = { partition: 'mcp-oauth', id: 'secret' };

/**
 * Derives from one secret the two keys that hide a person: partitions are keyed hashes of the owner, so that no
 * personal data is in the key space, and `state` is sealed, so that no server can tell whose it is.
 */
export class StoreSecret {
  readonly #load: () => Promise<Uint8Array<ArrayBuffer>>;
  readonly #find: () => Promise<Uint8Array<ArrayBuffer> | undefined>;
  #keys: Promise<{ readonly hash: CryptoKey; readonly seal: CryptoKey }> | undefined;

  /** @param secret The host's own, at least 32 bytes. Without it: a random one that the store keeps. */
  constructor(store: TokenStore, secret?: Uint8Array) {
    const own = (bytes: Uint8Array) => () => Promise.resolve(new Uint8Array(bytes));
    this.#load = secret ? own(secret) : () => storedSecret(store);
    this.#find = secret ? own(secret) : () => foundSecret(store);
  }

  /** 22 characters that name this owner's records, and tell nothing about the owner. */
  async partition(owner: Owner | undefined): Promise<Uint8Array<ArrayBuffer>> {
    const { hash } = await this.#derived();
    return await partitionOf(hash, owner);
  }

  /** The same, and writes nothing: `undefined` where the store has no secret yet, and so nothing of anybody. */
  async knownPartition(owner: Owner | undefined): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const secret = await this.#find();
    return secret && (await partitionOf((await deriveKeys(secret)).hash, owner));
  }

  async seal(plain: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    const { seal } = await this.#derived();
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, seal, plain));
    const whole = new Uint8Array(NONCE_BYTES + sealed.byteLength);
    whole.set(nonce);
    whole.set(sealed, NONCE_BYTES);
    return whole;
  }

  /** `undefined` for what was not sealed with this secret. */
  async unseal(whole: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { seal } = await this.#derived();
    try {
      const iv = whole.slice(0, NONCE_BYTES);
      return new Uint8Array(
        await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, seal, whole.slice(NONCE_BYTES)),
      );
    } catch (error) {
      if (error instanceof DOMException && error.name === 'OperationError') return undefined;
      throw error;
    }
  }

  #derived(): Promise<{ readonly hash: CryptoKey; readonly seal: CryptoKey }> {
    this.#keys ??= this.#load()
      .then(deriveKeys)
      .catch((error: unknown) => {
        // A store that was out of reach once must not stay so for this process.
        this.#keys = undefined;
        throw error;
      });
    return this.#keys;
  }
}

async function partitionOf(hash: CryptoKey, owner: Owner | undefined): Promise<Uint8Array<ArrayBuffer>> {
  const digest = await crypto.subtle.sign('HMAC', hash, utf8(lengthPrefixed(ownerParts(owner))));
  return new Uint8Array(digest).slice(0, PARTITION_BYTES);
}

async function deriveKeys(secret: Uint8Array<ArrayBuffer>): Promise<{ hash: CryptoKey; seal: CryptoKey }> {
  const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
  const derive = (purpose: string): Promise<ArrayBuffer> =>
    crypto.subtle.deriveBits(
      { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8(`mcp-oauth ${purpose}`) },
      base,
      SECRET_BYTES * 8,
    );
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  return {
    hash: await crypto.subtle.importKey('raw', await derive('partition'), hmac, false, ['sign']),
    seal: await crypto.subtle.importKey('raw', await derive('state'), 'AES-GCM', false, [
      'encrypt',
      'decrypt',
    ]),
  };
}

async function foundSecret(store: TokenStore): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const found = await store.get(SECRET_KEY);
  return found ? readSecret(found.value) : undefined;
}

async function storedSecret(store: TokenStore): Promise<Uint8Array<ArrayBuffer>> {
  const found = await foundSecret(store);
  if (found) return found;
  const secret = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  const result = await store.compareAndSet(
    SECRET_KEY,
    null,
    encodeRecord('secret', { secret: toBase64Url(secret) }),
  );
  if (result.ok) return secret;
  if (result.current) return readSecret(result.current.value);
  throw new StoreError('corrupt', 'The store kept neither a new secret nor the one that stood in its place.');
}

function readSecret(value: Uint8Array): Uint8Array<ArrayBuffer> {
  const secret = fromBase64Url(decodeRecord('secret', value).text('secret'));
  if (secret?.byteLength === SECRET_BYTES) return secret;
  throw new StoreError(
    'corrupt',
    'The secret that the token store keeps for its key space is damaged. Restore it, or begin with an empty store.',
  );
}
