import { randomBytes } from 'node:crypto';
import type { RecordKey } from '@mcp-oauth/core';
import { checkBytes, isKeyId } from './key-ring.js';
import type { RingKey } from './key-ring.js';
import { nonceBytes, plainBytes, tagBytes } from './xaes-256-gcm.js';

/**
 * An encrypted value: `0x01 | length of the key id | key id | key check (8) | expiry (8) | nonce (24) | ciphertext |
 * tag (16)`. All that stands before the nonce is authenticated, and so is the place of the record.
 */
export interface Envelope {
  readonly keyId: string;
  readonly check: Uint8Array;
  /** Milliseconds since the epoch, by the clock of who wrote it. `null` for a record that stays. */
  readonly expiresAt: number | null;
  readonly head: Uint8Array;
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
}

const format = 1;
const expiryBytes = 8;
const encoder = new TextEncoder();

export function sealEnvelope(
  at: RecordKey,
  key: RingKey,
  value: Uint8Array,
  expiresAt: number | null,
): Uint8Array {
  const expiry = Buffer.alloc(expiryBytes);
  // Zero stands for none, so that a time before the epoch becomes the first millisecond after it.
  expiry.writeBigUInt64BE(expiresAt === null ? 0n : BigInt(Math.max(1, Math.round(expiresAt))));
  const head = Buffer.concat([Buffer.of(format, key.id.length), encoder.encode(key.id), key.check, expiry]);
  const nonce = randomBytes(nonceBytes);
  return plainBytes(Buffer.concat([head, nonce, key.cipher.seal(nonce, value, additionalData(at, head))]));
}

/** `undefined` for what was not encrypted by this package, or was cut. */
export function parseEnvelope(value: Uint8Array): Envelope | undefined {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const idLength = bytes[1] ?? 0;
  const headLength = 2 + idLength + checkBytes + expiryBytes;
  if (bytes[0] !== format || bytes.length < headLength + nonceBytes + tagBytes) return undefined;
  const keyId = bytes.toString('latin1', 2, 2 + idLength);
  if (!isKeyId(keyId)) return undefined;
  const expiresAt = Number(bytes.readBigUInt64BE(headLength - expiryBytes));
  return {
    keyId,
    check: bytes.subarray(2 + idLength, headLength - expiryBytes),
    expiresAt: expiresAt === 0 ? null : expiresAt,
    head: bytes.subarray(0, headLength),
    nonce: bytes.subarray(headLength, headLength + nonceBytes),
    sealed: bytes.subarray(headLength + nonceBytes),
  };
}

/** `undefined` if it was changed, or belongs to another record. */
export function openEnvelope(at: RecordKey, key: RingKey, envelope: Envelope): Uint8Array | undefined {
  return key.cipher.open(envelope.nonce, envelope.sealed, additionalData(at, envelope.head));
}

function additionalData({ partition, id }: RecordKey, head: Uint8Array): Uint8Array {
  return Buffer.concat([encoder.encode(`mcp-oauth/1\0${partition}\0${id}\0`), head]);
}
