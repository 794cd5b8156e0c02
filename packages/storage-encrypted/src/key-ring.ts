import { hkdfSync } from 'node:crypto';
import { isUint8Array } from 'node:util/types';
import { InvalidConfigError } from '@mcp-oauth/core';
import type { TokenStore } from '@mcp-oauth/core';
import { keyBytes, Xaes256Gcm } from './xaes-256-gcm.js';

/** One key with its name. The name is stored with every record, so that the right key is found again. */
export interface EncryptionKey {
  /** 1 to 64 characters of A-Z, a-z, 0-9, _ and -. A new key gets a new id, always. */
  readonly id: string;
  /** 32 random bytes. */
  readonly key: Uint8Array;
}

/** Brings the keys when they are first needed, and once more when a record names a key that is not among them. */
export interface KeySource {
  /**
   * @param store What is encrypted, as it lies below: for sources that keep wrapped keys or ids of keys in it.
   * @returns the keys, newest first. What it throws reaches the caller of the store as a `StoreError`.
   */
  load(store: TokenStore): Promise<KeyRing>;
}

export interface RingKey {
  readonly id: string;
  /** Derived from the key, tells nothing about it: finds that a key is not the one that its id promises. */
  readonly check: Uint8Array;
  readonly cipher: Xaes256Gcm;
}

export const checkBytes = 8;
const maxKeys = 64;
const idPattern = /^[A-Za-z0-9_-]{1,64}$/;

/** Made by `keyRing`. Holds its own copies, and shows no key when it is printed. */
export class KeyRing {
  readonly #keys: ReadonlyMap<string, RingKey>;
  readonly #newest: RingKey;

  constructor(keys: readonly EncryptionKey[]) {
    const ringKeys = keys.map(toRingKey);
    this.#keys = new Map(ringKeys.map((key) => [key.id, key]));
    const [newest] = ringKeys;
    if (!newest) throw new InvalidConfigError('The key ring is empty. Give at least one key.');
    if (keys.length > maxKeys)
      throw new InvalidConfigError(
        `The key ring has ${keys.length} keys, more than ${maxKeys}. Drop old ones.`,
      );
    if (this.#keys.size < keys.length)
      throw new InvalidConfigError('Two keys of the key ring have the same id. Give each an id of its own.');
    this.#newest = newest;
  }

  /** Newest first. */
  get ids(): readonly string[] {
    return [...this.#keys.keys()];
  }

  get newest(): RingKey {
    return this.#newest;
  }

  find(id: string): RingKey | undefined {
    return this.#keys.get(id);
  }
}

/**
 * The keys of an encrypted store. The first encrypts, every one decrypts.
 *
 * Throws an `InvalidConfigError` for a key that has not 32 bytes, an unusable id, or an id that comes twice.
 */
export function keyRing(keys: readonly EncryptionKey[]): KeyRing {
  return new KeyRing(keys);
}

export function isKeyId(id: unknown): id is string {
  return typeof id === 'string' && idPattern.test(id);
}

function toRingKey({ id, key }: EncryptionKey, index: number): RingKey {
  // The message names the position and not the id: where the two were confused, the id is the key.
  if (!isKeyId(id))
    throw new InvalidConfigError(
      `Key ${index + 1} of the key ring has no usable id. An id is 1 to 64 characters of A-Z, a-z, 0-9, _ and -.`,
    );
  if (!isUint8Array(key) || key.byteLength !== keyBytes)
    throw new InvalidConfigError(
      `Key ${index + 1} of the key ring is not ${keyBytes} bytes long. Make one with crypto.randomBytes(${keyBytes}).`,
    );
  const check = hkdfSync('sha256', key, new Uint8Array(), 'mcp-oauth/1 key check', checkBytes);
  return { id, check: new Uint8Array(check), cipher: new Xaes256Gcm(key) };
}
