import { chmodSync, lstatSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StoreError } from '@mcp-oauth/core';
import { foreignOwner, hasCode } from './failures.js';
import type { Layout } from './layout.js';

/**
 * Looks at the root and the directories in it: real ones, ours, and closed to everybody else (a looser mode is
 * tightened). `false` if there is no root yet.
 */
export function verifyRoot({ root, records, scratch, aside }: Layout): boolean {
  const link = lstatSync(root, { throwIfNoEntry: false });
  if (!link) {
    // A home that is not there (not mounted, say) must not look like a person who has not logged in.
    if (statSync(dirname(root), { throwIfNoEntry: false })?.isDirectory()) return false;
    throw new StoreError(
      'misconfigured',
      `The token store can't be at ${root}: ${dirname(root)} is not a directory that exists. Create or mount it, ` +
        'or choose another directory.',
    );
  }
  // The root alone may be a link, to an encrypted volume say: if this user made it and owns what it leads to.
  if (link.isSymbolicLink()) assertOwn(root, link);
  const target = statSync(root, { throwIfNoEntry: false });
  if (!target)
    throw new StoreError(
      'unavailable',
      `The token store's directory ${root} is a link to a place that is not there. Mount or create that place.`,
    );
  tighten(root, target);
  for (const path of [records, scratch, aside]) {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats) tighten(path, stats);
  }
  return true;
}

export async function createRoot(layout: Layout): Promise<void> {
  if (!verifyRoot(layout)) await ensureDirectory(layout.root);
  await ensureDirectory(layout.records);
  await ensureDirectory(layout.scratch);
}

/** Makes the directory with mode 0700, or verifies and tightens the one that is there. */
export async function ensureDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, 0o700);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats) tighten(path, stats);
    return;
  }
  await syncDirectory(dirname(path));
}

/** Makes names in the directory survive a loss of power, where the platform can. */
export async function syncDirectory(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const unable = ['EISDIR', 'EINVAL', 'ENOTSUP'];
    if (process.platform === 'win32') unable.push('EPERM', 'EACCES');
    if (!hasCode(error, ...unable)) throw error;
  }
}

function tighten(path: string, stats: Stats): void {
  if (!stats.isDirectory())
    throw new StoreError(
      'misconfigured',
      `The token store needs a directory at ${path}, and something else is there. Move it away, or choose ` +
        'another directory.',
    );
  assertOwn(path, stats);
  if (isLoose(stats)) chmodSync(path, 0o700);
}

export function assertOwn(path: string, stats: Stats): void {
  const user = process.geteuid?.();
  if (user !== undefined && stats.uid !== user) throw foreignOwner(path, stats.uid);
}

/** Windows keeps others out by the access list of the profile directory, and has no such modes. */
export function isLoose(stats: Stats): boolean {
  return process.platform !== 'win32' && (stats.mode & 0o077) !== 0;
}
