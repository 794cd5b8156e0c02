import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import type { SharedHarness } from '@mcp-oauth/store-contract';
import { freshPath } from './places.js';

/** One directory, which can be taken away: a plain file stands in its place, so that nobody makes it anew. */
export function directoryHarness(): SharedHarness {
  const directory = freshPath();
  const aside = `${directory}-aside`;
  mkdirSync(directory, { mode: 0o700 });
  return {
    scope: 'shared',
    open: () => Promise.resolve(new FileTokenStore({ directory })),
    worker: { module: new URL('store-worker.mjs', import.meta.url), args: [directory] },
    fail: (on) => {
      if (on) {
        renameSync(directory, aside);
        writeFileSync(directory, 'not a directory');
      } else {
        rmSync(directory);
        renameSync(aside, directory);
      }
      return Promise.resolve();
    },
    restart: () => Promise.resolve(),
  };
}
