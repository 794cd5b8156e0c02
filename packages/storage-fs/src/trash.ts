import { rename, rm, rmdir } from 'node:fs/promises';
import { hasCode } from './failures.js';
import { scratchPath } from './layout.js';
import type { Layout } from './layout.js';

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

/** Removes a life of a record that ended. Others may be doing the same. */
export async function bury(layout: Layout, record: string, life: string, partition: string): Promise<void> {
  const trash = await moveToTrash(layout, life, partition);
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
