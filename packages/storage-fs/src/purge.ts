import { join } from 'node:path';
import { directoryName, partitionDirectory } from './layout.js';
import type { Layout } from './layout.js';
import { createRoot, syncDirectory, verifyRoot } from './protected-directory.js';
import { sweepScratchOf } from './sweep.js';
import { discard, moveToTrash } from './trash.js';

/**
 * One rename takes the whole partition away, unreadable records too. A write that has not committed by then finds
 * nothing at its path: one over an older version fails, one that makes a record makes it anew.
 */
export async function purgePartition(layout: Layout, partition: string): Promise<void> {
  if (!verifyRoot(layout)) return;
  await createRoot(layout);
  const trash = await moveToTrash(layout, partitionDirectory(layout, partition), partition);
  if (trash !== undefined) await syncDirectory(layout.records);
  await sweepScratchOf(layout, partition);
  await discard(join(layout.aside, directoryName(partition)));
}
