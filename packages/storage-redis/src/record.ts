import { StoreError } from '@mcp-oauth/core';
import type { StoredRecord, Version } from '@mcp-oauth/core';
import { versionLength } from './scripts.js';

const wellFormed = /^[A-Za-z0-9_-]{16}$/;

/** What a record's key holds: the version, then the value. */
export function encodeRecord(version: string, value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(version, 'latin1'), value]);
}

export function decodeRecord(held: unknown, key: string): StoredRecord | null {
  if (held === null) return null;
  const version = Buffer.isBuffer(held) ? held.toString('latin1', 0, versionLength) : '';
  if (!Buffer.isBuffer(held) || !wellFormed.test(version))
    throw new StoreError(
      'corrupt',
      `The token store can't use the Redis key ${key}: it holds something else than a record. Nothing was changed. ` +
        'To log in anew, remove that key.',
    );
  // A copy: what the client gives may be a part of a much larger buffer.
  return { value: new Uint8Array(held.subarray(versionLength)), version: version as Version };
}
