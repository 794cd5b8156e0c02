import { randomBytes } from 'node:crypto';
import type { EncryptionKey } from '../key-ring.js';
import { keyBytes } from '../xaes-256-gcm.js';

/** A random key. Its id tells people when it was made, and never comes twice. */
export function newKey(): EncryptionKey {
  const day = new Date().toISOString().slice(0, 10);
  return { id: `${day}-${randomBytes(6).toString('hex')}`, key: randomBytes(keyBytes) };
}
