import { StoreError } from '@mcp-oauth/core';
import { decodeKey } from './key-text.js';
import { RegisteredKeys } from './registered-keys.js';
import type { RotatingKeySource } from './registered-keys.js';
import { systemKeychain } from './system-keychain.js';
import type { Keychain } from './system-keychain.js';

export interface KeychainKeysOptions {
  /** The name that people see in their keychain. Default: `mcp-oauth`. */
  readonly service?: string;
  /** Default: the keychain of the system, through the package `@napi-rs/keyring`. */
  readonly keychain?: Keychain;
}

/**
 * Keys in a keychain, one entry for each. The first is made when the store has none yet; one that got lost is never
 * replaced while the store knows of it.
 */
export function keychainKeys({
  service = 'mcp-oauth',
  keychain = systemKeychain(service),
}: KeychainKeysOptions = {}): RotatingKeySource {
  return new RegisteredKeys({
    keep: async ({ id, key }) => {
      const text = Buffer.from(key).toString('base64url');
      await keychain.set(id, text);
      // A key that only seems to be kept would cost every login at the next start.
      if ((await keychain.get(id)) !== text) throw forgetful(service);
      return { id };
    },
    fetch: async ({ id }) => {
      const text = await keychain.get(id);
      if (text === null) return undefined;
      const key = decodeKey(text);
      if (key) return key;
      throw new StoreError(
        'key_unavailable',
        `The entry "${id}" of "${service}" in the keychain does not hold the key that was put there. Restore it. No ` +
          'stored record was lost.',
      );
    },
    discard: (id) => keychain.delete(id),
    missing: (id) =>
      new StoreError(
        'key_unavailable',
        `The token store is encrypted with the key "${id}", and the keychain has no such entry under "${service}": it ` +
          'is the keychain of another user or machine, or the entry was removed. Restore it, or begin with an empty ' +
          'store.',
      ),
  });
}

function forgetful(service: string): StoreError {
  return new StoreError(
    'key_unavailable',
    `The keychain did not keep a new key under "${service}". Look whether it is unlocked and has room, and try again.`,
  );
}
