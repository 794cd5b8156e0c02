import { link, mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '@mcp-oauth/core';
import { hasCode, noHardLinks } from './failures.js';
import { scratchPath } from './layout.js';
import type { Layout } from './layout.js';
import { createRoot, syncDirectory } from './protected-directory.js';
import { discard } from './trash.js';

/** Tries the three things that the store is built on: fsync, link(2) and rename(2) that do not replace. */
export async function probe(layout: Layout): Promise<void> {
  await createRoot(layout);
  const directory = scratchPath(layout, 'new', 'probe');
  await mkdir(directory, 0o700);
  try {
    const at = (name: string) => join(directory, name);
    const handle = await open(at('first'), 'wx', 0o600);
    try {
      await handle.writeFile('probe');
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(at('first'), at('second'));
    const linkedOver = await succeeds(link(at('first'), at('second')), 'EEXIST');
    await mkdir(at('full'), 0o700);
    await link(at('first'), join(at('full'), '1'));
    await mkdir(at('staged'), 0o700);
    const refusals = ['ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES'];
    const movedOver = await succeeds(rename(at('staged'), at('full')), ...refusals);
    await syncDirectory(directory);
    if (linkedOver) throw noHardLinks(layout.root);
    if (movedOver)
      throw new StoreError(
        'misconfigured',
        `The token store in ${layout.root} can't work: this file system replaces directories that are not ` +
          'empty. Choose a directory on another one, or use a SQLite store.',
      );
  } finally {
    await discard(directory);
  }
}

async function succeeds(work: Promise<void>, ...refusals: readonly string[]): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (hasCode(error, ...refusals)) return false;
    throw error;
  }
}
