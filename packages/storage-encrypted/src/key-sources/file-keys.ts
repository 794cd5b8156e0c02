import { StoreError } from '@mcp-oauth/core';
import type { TokenStore } from '@mcp-oauth/core';
import { readRegister, writeRegister } from '../key-register.js';
import type { KeyRing, KeySource } from '../key-ring.js';
import { createKeyFile, readKeyFile } from './key-file.js';
import { howToMake, readKeyText } from './key-text.js';
import { newKey } from './new-key.js';

export interface FileKeysOptions {
  /** Make the file with a random key if it is missing and the store was never encrypted. Default: false. */
  readonly create?: boolean;
}

/**
 * Keys from a file: lines of `id:key`, newest first, each key 32 bytes as base64 or base64url. The file is closed to
 * other users (0600), as ssh does with its keys; one that another user owns is refused, but for root's.
 *
 * Keep it away from the store: who has both can read everything.
 */
export function fileKeys(path: string, { create = false }: FileKeysOptions = {}): KeySource {
  return {
    load: async (store) => {
      const ring = (await existing(path)) ?? (create ? await created(path, store) : undefined);
      if (!ring)
        throw new StoreError(
          'key_unavailable',
          `There is no key file ${path} for the token store. Restore it, or make one with a line "id:key". ${howToMake}`,
        );
      if (create) await register(store, ring);
      return ring;
    },
  };
}

async function existing(path: string): Promise<KeyRing | undefined> {
  const text = await readKeyFile(path);
  return text === undefined ? undefined : readKeyText(text, `The key file ${path}`);
}

async function created(path: string, store: TokenStore): Promise<KeyRing | undefined> {
  const known = await readRegister(store);
  if (known) {
    // Another process may have made the file and registered it since we looked; it does so in this order.
    const ring = await existing(path);
    if (ring) return ring;
    throw lost(path, known.keys[0]?.id ?? '');
  }
  const { id, key } = newKey();
  await createKeyFile(path, `${id}:${Buffer.from(key).toString('base64url')}\n`);
  // Not the key from above: another process may have been first.
  return existing(path);
}

async function register(store: TokenStore, ring: KeyRing): Promise<void> {
  if (!(await readRegister(store))) await writeRegister(store, null, [{ id: ring.newest.id }]);
}

function lost(path: string, id: string): StoreError {
  return new StoreError(
    'key_unavailable',
    `There is no key file ${path}, and the token store is encrypted already, with the key "${id}". Restore that file, ` +
      'or begin with an empty store. A new key would not read what is there.',
  );
}
