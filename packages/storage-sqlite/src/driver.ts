import { createRequire } from 'node:module';
import { StoreError } from '@mcp-oauth/core';
import type { SqliteDatabase } from './sqlite-database.js';

/** From this version on it is built for Node-API 10, and crashes the process of an older Node. */
const FIRST_FOR_NAPI_10 = 13;

/**
 * Loads better-sqlite3.
 *
 * @returns what opens a database with it.
 * @throws {StoreError} `misconfigured` where it is not installed, or would crash this Node.
 */
export async function loadDriver(): Promise<(path: string) => SqliteDatabase> {
  const major = Number(installedVersion().split('.')[0]);
  if (major >= FIRST_FOR_NAPI_10 && Number(process.versions.napi) < 10) {
    throw new StoreError(
      'misconfigured',
      `better-sqlite3 ${String(major)} does not run on Node ${process.versions.node}. Use Node 22 or newer, or: ` +
        'npm install better-sqlite3@12',
    );
  }
  const { default: Database } = await import('better-sqlite3');
  return (path) => new Database(path, { timeout: 0 });
}

function installedVersion(): string {
  const require = createRequire(import.meta.url);
  try {
    return (require('better-sqlite3/package.json') as { version: string }).version;
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new StoreError(
      'misconfigured',
      'The SQLite token store needs better-sqlite3, which is not installed: npm install better-sqlite3',
      { cause: error },
    );
  }
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'MODULE_NOT_FOUND';
}
