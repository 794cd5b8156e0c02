import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import type { RecordKey, TokenStore, Version } from '@mcp-oauth/core';

const made: string[] = [];

afterAll(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
});

export const key: RecordKey = { partition: 'owner_1', id: 'record-1' };

/** A directory that is gone when the tests of this file are over. */
export function freshDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'mcp-oauth-sqlite-'));
  made.push(path);
  return path;
}

export function freshPath(): string {
  return join(freshDirectory(), 'tokens.db');
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export async function textAt(store: TokenStore): Promise<string | undefined> {
  const record = await store.get(key);
  return record ? new TextDecoder().decode(record.value) : undefined;
}

/** Writes over whatever stands there. */
export async function put(store: TokenStore, text: string): Promise<Version> {
  const current = await store.get(key);
  const result = await store.compareAndSet(key, current?.version ?? null, bytes(text));
  if (!result.ok || result.version === null) throw new Error('Somebody else wrote.');
  return result.version;
}
