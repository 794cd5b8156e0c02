import { LimitExceededError, StoreError } from '@mcp-oauth/core';
import type { TokenStore } from '@mcp-oauth/core';
import { readRegister, writeRegister } from '../key-register.js';
import type { KeyRegister, RegisteredKey } from '../key-register.js';
import { KeyRing } from '../key-ring.js';
import type { EncryptionKey, KeySource } from '../key-ring.js';
import { newKey } from './new-key.js';

/** A key source that makes its keys itself, the first one when none was ever made for the store. */
export interface RotatingKeySource extends KeySource {
  /**
   * Adds a new key in front of the others. Processes that run already read what it encrypts, and write with it after
   * their next start or their next `reencrypt`.
   *
   * @param store The store that is encrypted, as it lies below.
   */
  rotate(store: TokenStore): Promise<void>;
}

/** Where the keys of a register lie. */
export interface KeyCustody {
  /** @returns what the register keeps of it. Resolves when `fetch` finds the key, from any process. */
  keep(key: EncryptionKey): Promise<RegisteredKey>;
  /** `undefined` if it is not there. */
  fetch(registered: RegisteredKey): Promise<Uint8Array | undefined>;
  /** Removes a key that nobody has used. */
  discard(id: string): Promise<void>;
  /** What is thrown when the newest key is not there. */
  missing(id: string): StoreError;
}

const maxKeys = 64;
const maxAttempts = 3;

export class RegisteredKeys implements RotatingKeySource {
  readonly #custody: KeyCustody;

  constructor(custody: KeyCustody) {
    this.#custody = custody;
  }

  async load(store: TokenStore): Promise<KeyRing> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const register = await readRegister(store);
      if (register) return this.#ringOf(register.keys);
      // Whoever was first wins, and the next look at the register finds the winner's key.
      await this.#add(store, null);
    }
    throw new StoreError(
      'misconfigured',
      'The token store does not keep the record of its keys that was written.',
    );
  }

  async rotate(store: TokenStore): Promise<void> {
    const register = await readRegister(store);
    if (register) await this.#ringOf(register.keys);
    // Where somebody else rotated at the same moment, there is a new key already.
    await this.#add(store, register);
  }

  async #add(store: TokenStore, register: KeyRegister | null): Promise<void> {
    const older = register?.keys ?? [];
    if (older.length >= maxKeys)
      throw new LimitExceededError('The number of keys of the token store', `${maxKeys}`);
    const key = newKey();
    const registered = await this.#custody.keep(key);
    if (!(await writeRegister(store, register, [registered, ...older]))) await this.#custody.discard(key.id);
  }

  async #ringOf(registered: readonly RegisteredKey[]): Promise<KeyRing> {
    const keys: EncryptionKey[] = [];
    for (const entry of registered) {
      const key = await this.#custody.fetch(entry);
      if (key) keys.push({ id: entry.id, key });
      // An older key may have been removed on purpose. Whatever it encrypted names it.
      else if (entry === registered[0]) throw this.#custody.missing(entry.id);
    }
    return new KeyRing(keys);
  }
}
