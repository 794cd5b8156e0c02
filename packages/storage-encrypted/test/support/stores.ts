import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { StoreError } from '@mcp-oauth/core';
import type { RecordKey, StoreErrorKind, TokenStore, Version } from '@mcp-oauth/core';
import type { EncryptionKey } from '@mcp-oauth/storage-encrypted';

export const at: RecordKey = { partition: 'owner_1', id: 'credentials-1' };

const made: string[] = [];
afterAll(() => made.forEach((path) => rmSync(path, { recursive: true, force: true })));

export function freshDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'mcp-oauth-encrypted-'));
  made.push(path);
  return path;
}

/** The same key for the same seed, different ones for different seeds. */
export function key(id: string, seed = id): EncryptionKey {
  return { id, key: createHash('sha256').update(seed).digest() };
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export async function textAt(store: TokenStore, place: RecordKey = at): Promise<string | null> {
  const record = await store.get(place);
  return record && new TextDecoder().decode(record.value);
}

/** Writes over whatever is there, whether it can be read or not: give the store below for that. */
export async function put(
  store: TokenStore,
  value: Uint8Array | string,
  place: RecordKey = at,
  ttlMs?: number,
): Promise<Version | null> {
  const result = await store.compareAndSet(
    place,
    (await store.get(place))?.version ?? null,
    typeof value === 'string' ? bytes(value) : value,
    ttlMs === undefined ? {} : { ttlMs },
  );
  if (!result.ok) throw new Error('somebody else wrote');
  return result.version;
}

export async function valueAt(store: TokenStore, place: RecordKey = at): Promise<Uint8Array> {
  const record = await store.get(place);
  if (!record) throw new Error('there is no such record');
  return record.value;
}

/** The kind and the text of the StoreError that it rejects with; anything else is thrown on. */
export async function storeErrorOf(
  work: Promise<unknown>,
): Promise<{ kind: StoreErrorKind; message: string }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof StoreError) return { kind: error.kind, message: error.message };
    throw error;
  }
  throw new Error('It did not reject.');
}

/** The files below whose bytes hold any of these texts. */
export function filesWith(directory: string, texts: readonly (string | Buffer)[]): string[] {
  return allFiles(directory).filter((path) => texts.some((text) => readFileSync(path).includes(text)));
}

export function allFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile());
}
