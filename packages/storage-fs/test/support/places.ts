import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import type { RecordKey, Version } from '@mcp-oauth/core';
import { FileTokenStore } from '@mcp-oauth/storage-fs';

const made: string[] = [];
afterAll(() => made.forEach((path) => rmSync(path, { recursive: true, force: true })));

/** A path in a fresh directory. Nothing is there yet. */
export function freshPath(): string {
  const around = mkdtempSync(join(tmpdir(), 'mcp-oauth-fs-'));
  made.push(around);
  return join(around, 'store');
}

export function freshStore(): { store: FileTokenStore; directory: string } {
  const directory = freshPath();
  return { store: new FileTokenStore({ directory }), directory };
}

export const key: RecordKey = { partition: 'owner_1', id: 'credentials-1' };

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export async function textAt(store: FileTokenStore, at: RecordKey = key): Promise<string | null> {
  const record = await store.get(at);
  return record && new TextDecoder().decode(record.value);
}

/** Writes over whatever is there. */
export async function put(store: FileTokenStore, text: string, at: RecordKey = key): Promise<Version> {
  const result = await store.compareAndSet(at, (await store.get(at))?.version ?? null, bytes(text));
  if (!result.ok || result.version === null) throw new Error('somebody else wrote');
  return result.version;
}

/** Every file and directory below, without what has been removed meanwhile. */
export function allPaths(directory: string): string[] {
  return entriesOf(directory).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? [path, ...allPaths(path)] : [path];
  });
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

export function filesWith(directory: string, text: string): string[] {
  return allPaths(directory).filter((path) => statSync(path).isFile() && readFileSync(path).includes(text));
}

/** The file that holds the newest version of the only record. */
export function newestFile(directory: string): string {
  const files = allPaths(join(directory, 'records')).filter((path) => statSync(path).isFile());
  return files.sort((a, b) => Number(a.split('/').at(-1)) - Number(b.split('/').at(-1))).at(-1)!;
}

export function makeDirectory(path: string, mode: number): string {
  mkdirSync(path, { mode });
  return path;
}
