import { rename, rm, rmdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { CurrentVersion } from './current-version.js';
import { hasCode, ignoreMissing } from './failures.js';
import { scratchPath } from './layout.js';
import type { Layout } from './layout.js';
import { retire } from './supersede.js';

/** Removes what nobody uses any more. */
export async function discard(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}

/** Takes it away in one step, so that nobody meets it half removed. `undefined` if it is not there. */
export async function moveToTrash(
  layout: Layout,
  path: string,
  partition: string,
): Promise<string | undefined> {
  const trash = scratchPath(layout, 'trash', partition);
  try {
    await rename(path, trash);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  return trash;
}

/**
 * Removes a record whose newest version is a delete. Others may be doing the same, and whoever deleted it may not
 * know yet that the delete was committed: its file is dated to the epoch, which `landed` finds.
 */
export async function bury(
  layout: Layout,
  record: string,
  { life, number, file }: CurrentVersion,
): Promise<void> {
  await retire(record, { life, number, file });
  await utimes(join(life, String(number)), 0, 0).catch(ignoreMissing);
  const trash = await moveToTrash(layout, life, file.partition);
  await removeIfEmpty(record);
  if (trash !== undefined) await discard(trash);
}

export async function removeIfEmpty(directory: string): Promise<void> {
  try {
    await rmdir(directory);
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST')) throw error;
  }
}
