import { StoreError } from '@mcp-oauth/core';
import type { RecordKey, Version } from '@mcp-oauth/core';

export function unknownKey(keyId: string, known: readonly string[]): StoreError {
  return new StoreError(
    'key_unavailable',
    `A stored record is encrypted with the key "${keyId}", which is not among the keys that were given ` +
      `(${known.map((id) => `"${id}"`).join(', ')}). Give that key too, after the newest. The record is intact.`,
  );
}

export function wrongKey(keyId: string): StoreError {
  return new StoreError(
    'key_unavailable',
    `The key that was given as "${keyId}" is not the key that stored records were encrypted with under this id. ` +
      'Give the right one, and every new key an id of its own. The record is intact.',
  );
}

export function notEncrypted(at: RecordKey, version: Version): StoreError {
  return corrupt(at, version, 'is not encrypted by this store: plain, of a newer format, or cut');
}

export function tampered(at: RecordKey, version: Version): StoreError {
  return corrupt(at, version, 'was changed after it was encrypted, or belongs to another place');
}

function corrupt({ partition, id }: RecordKey, version: Version, problem: string): StoreError {
  return new StoreError(
    'corrupt',
    `The stored record ${id} in partition ${partition} ${problem}. It is not used, and nothing was changed. ` +
      'Restore it, or forget it (`session.invalidate("tokens")`) and log in anew.',
    { version },
  );
}

/** What kind of error it is, in words that can hold no secret: its message and its properties may. */
export function kindOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return typeof error;
  const { name, code } = error as { readonly name?: unknown; readonly code?: unknown };
  const words = [name, code].filter((word) => typeof word === 'string' && /^[\w.-]{1,64}$/.test(word));
  return words.length > 0 ? words.join(' ') : 'an error without a name';
}
