import { StoreError } from '@mcp-oauth/core';
import { isKeyId, keyRing } from '../key-ring.js';
import type { EncryptionKey, KeyRing } from '../key-ring.js';
import { keyBytes } from '../xaes-256-gcm.js';

/** What every message about key text ends with. */
export const howToMake = `Make a key with "openssl rand -base64 ${keyBytes}".`;

/** Random bytes have fewer different values than this once in 10^12 keys. */
const minDifferentBytes = 18;

/**
 * Reads `id:key` pairs, separated by commas or line ends, newest first. A key is 32 bytes as base64 or base64url.
 *
 * @param where What the text was read from, for messages. They never quote the text.
 */
export function readKeyText(text: string, where: string): KeyRing {
  const entries = text.split(/[,\n]/).map((entry) => entry.trim());
  const keys = entries
    .filter((entry) => entry !== '')
    .map((entry, index) => readEntry(entry, index + 1, where));
  if (keys.length === 0)
    throw new StoreError('key_unavailable', `${where} holds no key. Put "id:key" there. ${howToMake}`);
  if (new Set(keys.map(({ id }) => id)).size < keys.length)
    throw new StoreError(
      'misconfigured',
      `${where} holds two keys of the same id. Give each an id of its own.`,
    );
  return keyRing(keys);
}

/** `undefined` if it is not the base64 or base64url of 32 bytes. */
export function decodeKey(text: string): Uint8Array | undefined {
  const unpadded = text.replace(/=$/, '').replaceAll('+', '-').replaceAll('/', '_');
  const key = Buffer.from(unpadded, 'base64url');
  // The decoder skips what it does not know, so that only the way back shows that nothing was skipped.
  return key.length === keyBytes && key.toString('base64url') === unpadded ? key : undefined;
}

function readEntry(entry: string, position: number, where: string): EncryptionKey {
  const colon = entry.indexOf(':');
  const [id, text] = [entry.slice(0, colon).trim(), entry.slice(colon + 1).trim()];
  if (colon < 0 || !isKeyId(id))
    throw new StoreError(
      'misconfigured',
      `Entry ${position} of ${where} is not "id:key" with an id of 1 to 64 characters of A-Z, a-z, 0-9, _ and -.`,
    );
  const key = decodeKey(text);
  if (!key)
    throw new StoreError(
      'misconfigured',
      `Entry ${position} of ${where} is not a key: it takes ${keyBytes} bytes as base64 or base64url. ${howToMake}`,
    );
  if (isGuessable(key, text))
    throw new StoreError(
      'misconfigured',
      `Entry ${position} of ${where} is not random: it looks like text or a pattern, which can be guessed. ${howToMake}`,
    );
  return { id, key };
}

/** Whether a person made it up. Nothing shows that a key is random, but these show that it is not. */
function isGuessable(key: Uint8Array, text: string): boolean {
  const isPrintable = key.every((byte) => byte >= 0x20 && byte < 0x7f);
  const hasBothCases = /[A-Z]/.test(text) && /[a-z]/.test(text);
  return isPrintable || !hasBothCases || new Set(key).size < minDifferentBytes;
}
