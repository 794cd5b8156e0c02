import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import type { SharedHarness } from '@mcp-oauth/store-contract';

/** The file store in a fresh directory, which can be taken away. */
export function fileHarness(): SharedHarness & { remove(): void } {
  const around = mkdtempSync(join(tmpdir(), 'mcp-oauth-contract-'));
  const directory = join(around, 'store');
  const aside = join(around, 'aside');
  mkdirSync(directory, { mode: 0o700 });
  let isAway = false;
  return {
    scope: 'shared',
    open: () => Promise.resolve(new FileTokenStore({ directory })),
    worker: { module: new URL('file-worker.mjs', import.meta.url), args: [directory] },
    fail: (on) => {
      if (on !== isAway && on) {
        renameSync(directory, aside);
        writeFileSync(directory, 'not a directory');
      } else if (on !== isAway) {
        rmSync(directory);
        renameSync(aside, directory);
      }
      isAway = on;
      return Promise.resolve();
    },
    restart: () => Promise.resolve(),
    remove: () => {
      rmSync(around, { recursive: true, force: true });
    },
  };
}
