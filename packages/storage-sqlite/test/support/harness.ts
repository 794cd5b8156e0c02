import { openSqliteTokenStore } from '@mcp-oauth/storage-sqlite';
import type { SharedHarness } from '@mcp-oauth/store-contract';
import Database from 'better-sqlite3';
import { freshPath } from './places.js';

/** One database, whose write lock somebody else can hold. */
export function sqliteHarness(): SharedHarness {
  const path = freshPath();
  let holder: Database.Database | undefined;
  return {
    scope: 'shared',
    open: () => openSqliteTokenStore({ path }),
    worker: { module: new URL('store-worker.mjs', import.meta.url), args: [path] },
    fail: async (on) => {
      if (!on) {
        holder?.exec('ROLLBACK');
        holder?.close();
        holder = undefined;
        return;
      }
      const database = new Database(path, { timeout: 0 });
      for (;;) {
        try {
          database.exec('BEGIN IMMEDIATE');
          break;
        } catch (error) {
          if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      }
      holder = database;
    },
    restart: () => Promise.resolve(),
  };
}
