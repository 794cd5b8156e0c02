import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encrypted, fileKeys } from '@mcp-oauth/storage-encrypted';
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import type { SharedHarness } from '@mcp-oauth/store-contract';
import { freshDirectory } from './stores.js';

/** An encrypted file store in a directory that can be taken away. Whoever is first makes the key. */
export function encryptedFileHarness(): SharedHarness {
  const around = freshDirectory();
  const [directory, aside, keys] = [join(around, 'store'), join(around, 'aside'), join(around, 'keys')];
  mkdirSync(directory, { mode: 0o700 });
  let isAway = false;
  return {
    scope: 'shared',
    open: () =>
      Promise.resolve(encrypted(new FileTokenStore({ directory }), fileKeys(keys, { create: true }))),
    worker: { module: new URL('store-worker.mjs', import.meta.url), args: [directory, keys] },
    fail: (on) => {
      if (on && !isAway) {
        renameSync(directory, aside);
        writeFileSync(directory, 'not a directory');
      } else if (!on && isAway) {
        rmSync(directory);
        renameSync(aside, directory);
      }
      isAway = on;
      return Promise.resolve();
    },
    restart: () => Promise.resolve(),
  };
}
