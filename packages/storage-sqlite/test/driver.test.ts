import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { SqliteTokenStore } from '@mcp-oauth/storage-sqlite';
import type { SqliteDatabase, SqliteValue } from '@mcp-oauth/storage-sqlite';
import Database from 'better-sqlite3';
import { freshDirectory } from './support/places.js';

const ownPackage = join(process.cwd(), 'packages/storage-sqlite');

/** A program of somebody who has installed this package beside that driver, or beside none. */
function installation(driver?: string): string {
  const root = freshDirectory();
  const modules = join(root, 'node_modules');
  mkdirSync(join(modules, '@mcp-oauth/storage-sqlite'), { recursive: true });
  symlinkSync(join(process.cwd(), 'packages/core'), join(modules, '@mcp-oauth/core'));
  // Copied: through a link Node would look for the driver where the link leads to.
  for (const part of ['dist', 'package.json'])
    cpSync(join(ownPackage, part), join(modules, '@mcp-oauth/storage-sqlite', part), { recursive: true });
  if (driver !== undefined)
    symlinkSync(realpathSync(join(ownPackage, 'node_modules', driver)), join(modules, 'better-sqlite3'));
  writeFileSync(
    join(root, 'program.mjs'),
    `import { openSqliteTokenStore } from '@mcp-oauth/storage-sqlite';
     try {
       const store = await openSqliteTokenStore({ path: '${join(root, 'tokens.db')}' });
       await store.check();
       await store.close();
       console.log(JSON.stringify({ works: true }));
     } catch ({ code, kind, message }) {
       console.log(JSON.stringify({ code, kind, message }));
     }`,
  );
  return root;
}

/** What the program prints. */
function run(root: string): unknown {
  return JSON.parse(execFileSync(process.execPath, [join(root, 'program.mjs')], { encoding: 'utf8' }));
}

test('with better-sqlite3 12 it works', () => {
  expect(run(installation('better-sqlite3'))).toEqual({ works: true });
});

test('better-sqlite3 13 is refused with a clear error where it would crash the process, and works elsewhere', () => {
  const isOldNode = Number(process.versions.napi) < 10;
  expect(run(installation('better-sqlite3-13'))).toEqual(
    isOldNode
      ? {
          code: 'store_failed',
          kind: 'misconfigured',
          message: expect.stringMatching(
            /better-sqlite3 13 does not run on Node .*npm install better-sqlite3@12/,
          ),
        }
      : { works: true },
  );
});

test('without better-sqlite3 the error names the command that installs it', () => {
  const root = installation();
  expect(run(root)).toEqual({
    code: 'store_failed',
    kind: 'misconfigured',
    message: expect.stringContaining('npm install better-sqlite3'),
  });
  expect(existsSync(join(root, 'tokens.db'))).toBe(false);
});

test('a connection of node:sqlite serves, and its troubles are told alike, on a Node that has it', () => {
  const root = installation();
  writeFileSync(
    join(root, 'program.mjs'),
    `import { SqliteTokenStore } from '@mcp-oauth/storage-sqlite';
     const key = { partition: 'p', id: 'i' };
     const kind = (call) => call.then(() => 'none', (error) => error.kind ?? error.message);
     process.umask(0o077);
     try {
       const { DatabaseSync } = await import('node:sqlite');
       const database = new DatabaseSync('${join(root, 'tokens.db')}');
       const store = new SqliteTokenStore({ database });
       const { version } = await store.compareAndSet(key, null, new Uint8Array([1]));
       await store.check();
       database.exec('PRAGMA max_page_count = 5');
       const kinds = [await kind(store.compareAndSet(key, version, new Uint8Array(60_000)))];
       const other = new DatabaseSync('${join(root, 'tokens.db')}');
       other.exec('BEGIN IMMEDIATE');
       kinds.push(await kind(store.compareAndSet(key, version, null)));
       other.close();
       const { value } = await store.get(key);
       database.close();
       kinds.push(await kind(store.get(key)));
       console.log(JSON.stringify({ value: [...value], kinds }));
     } catch ({ code, message }) {
       console.log(JSON.stringify({ code, message }));
     }`,
  );
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const hasSqlite = major > 22 || (major === 22 && minor >= 13);
  expect(run(root)).toEqual(
    hasSqlite
      ? { value: [1], kinds: ['full', 'busy', 'unavailable'] }
      : { code: 'ERR_UNKNOWN_BUILTIN_MODULE', message: expect.stringContaining('node:sqlite') },
  );
}, 20_000);

/** As @types/node of Node 24 has it, as far as it matters here. */
interface DatabaseSync {
  prepare(sql: string): {
    run(...parameters: (SqliteValue | bigint)[]): {
      changes: number | bigint;
      lastInsertRowid: number | bigint;
    };
    get(...parameters: (SqliteValue | bigint)[]): Record<string, unknown> | undefined;
    all(...parameters: (SqliteValue | bigint)[]): Record<string, unknown>[];
  };
  exec(sql: string): void;
  close(): void;
}

test('a connection of either driver is of the type that the store asks for', () => {
  const ours: SqliteDatabase = new Database(':memory:');
  const nodes = undefined as DatabaseSync | undefined as SqliteDatabase | undefined;
  expect(nodes).toBeUndefined();
  expect(new SqliteTokenStore({ database: ours })).toBeInstanceOf(SqliteTokenStore);
  ours.close();
});
