import { StoreError } from '@mcp-oauth/core';
import type { TokenStore, Version } from '@mcp-oauth/core';
import { isKeyId } from './key-ring.js';

/** A key that the records of a store may be encrypted with. */
export interface RegisteredKey {
  readonly id: string;
  /** The key as a key service wrapped it, base64url. Absent where the key lies elsewhere. */
  readonly wrapped?: string;
}

/**
 * Which keys the records of a store were made with, newest first. It lies in the store itself, beside the records, and
 * holds no key in the clear. By it processes that begin at the same time agree on one key, and a key that got lost is
 * noticed where it would otherwise be replaced.
 */
export interface KeyRegister {
  readonly keys: readonly RegisteredKey[];
  readonly version: Version;
}

/** No partition of an owner has this name. */
export const ownPartition = 'storage-encrypted';
const registerAt = { partition: ownPartition, id: 'keys' };
const decoder = new TextDecoder();

/** `null` while no key was ever registered. */
export async function readRegister(store: TokenStore): Promise<KeyRegister | null> {
  const record = await store.get(registerAt);
  return record && { keys: decode(record.value), version: record.version };
}

/** `false` if somebody else wrote it since `before`. */
export async function writeRegister(
  store: TokenStore,
  before: KeyRegister | null,
  keys: readonly RegisteredKey[],
): Promise<boolean> {
  const value = new TextEncoder().encode(JSON.stringify({ format: 1, keys }));
  return (await store.compareAndSet(registerAt, before?.version ?? null, value)).ok;
}

function decode(value: Uint8Array): readonly RegisteredKey[] {
  const parsed = parsedJson(value);
  if (typeof parsed === 'object' && parsed !== null && 'format' in parsed && 'keys' in parsed) {
    const { format, keys } = parsed;
    if (format === 1 && Array.isArray(keys) && keys.length > 0 && keys.every(isRegisteredKey)) return keys;
  }
  throw new StoreError(
    'corrupt',
    `The record ${registerAt.id} in partition ${registerAt.partition}, which says with what keys the token store is ` +
      'encrypted, is damaged or of a newer format. Nothing was changed. Restore it, or begin with an empty store.',
  );
}

function parsedJson(value: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(value));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isRegisteredKey(value: unknown): value is RegisteredKey {
  if (typeof value !== 'object' || value === null || !('id' in value) || !isKeyId(value.id)) return false;
  return !('wrapped' in value) || typeof value.wrapped === 'string';
}
