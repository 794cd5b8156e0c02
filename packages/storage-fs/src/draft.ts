import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { hasCode, housekeeping } from './failures.js';
import { scratchPath } from './layout.js';
import type { Layout } from './layout.js';
import { createRoot } from './protected-directory.js';
import { encodeVersionFile } from './version-file.js';
import type { VersionFile } from './version-file.js';

/** Calls `commit` with a synced file that holds the version, and removes that name afterwards. */
export async function withDraft<T>(
  layout: Layout,
  version: VersionFile,
  commit: (draft: string, handle: FileHandle) => Promise<T>,
): Promise<T> {
  const draft = scratchPath(layout, 'draft', version.partition);
  const handle = await openDraft(layout, draft);
  try {
    await handle.writeFile(encodeVersionFile(version));
    await handle.sync();
    return await commit(draft, handle);
  } finally {
    await Promise.all([housekeeping(() => handle.close()), housekeeping(() => unlink(draft))]);
  }
}

async function openDraft(layout: Layout, draft: string): Promise<FileHandle> {
  try {
    return await open(draft, 'wx', 0o600);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    await createRoot(layout);
    return open(draft, 'wx', 0o600);
  }
}
