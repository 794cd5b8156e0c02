import { LimitExceededError } from '@mcp-oauth/core';
import type { StoredRecord, Version } from '@mcp-oauth/core';

export interface RecordRow {
  readonly id: string;
  readonly version: string;
  readonly value: Uint8Array;
}

const keyPart = /^[A-Za-z0-9_-]{1,128}$/;
/** The 64 KiB that the port promises, and what an encrypting store around this one adds to them. */
const maxValueBytes = 65 * 1024;
/** More than 3000 years, which the dates of PostgreSQL can take. */
const longestTtlMs = 1e14;

/** @throws {TypeError} where a part is none that core makes. */
export function keyParts(...parts: readonly string[]): readonly string[] {
  if (parts.every((part) => keyPart.test(part))) return parts;
  throw new TypeError('A part of a record key is 1 to 128 of the characters A-Z, a-z, 0-9, _ and -.');
}

/** The bytes as they are now: the caller may change its own while a statement waits. */
export function copied(value: Uint8Array): Buffer {
  if (value.byteLength <= maxValueBytes) return Buffer.from(value);
  throw new LimitExceededError('A value for the token store', `${String(maxValueBytes)} bytes`);
}

/** `null`, for ever, where there is none. */
export function lifetime(ttlMs: number | undefined): number | null {
  if (ttlMs === undefined) return null;
  if (!Number.isFinite(ttlMs)) throw new TypeError('ttlMs is not a finite number.');
  return Math.min(ttlMs, longestTtlMs);
}

export function recordOf({ version, value }: Omit<RecordRow, 'id'>): StoredRecord {
  return { version: version as Version, value: new Uint8Array(value) };
}
