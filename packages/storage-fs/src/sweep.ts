import { readdirSync } from 'node:fs';
import { lstat, readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '@mcp-oauth/core';
import { readCurrent } from './current-version.js';
import type { CurrentVersion } from './current-version.js';
import { hasCode, housekeeping, ignoreMissing } from './failures.js';
import { isDirectoryName, isScratchOf, scratchKind } from './layout.js';
import type { Layout, ScratchKind } from './layout.js';
import { bury, discard, removeIfEmpty } from './trash.js';

/** A writer is done with its draft in milliseconds. One that was stopped for longer starts again. */
const abandonedAfterMs = 3_600_000;

/** Removes what killed processes left half done. */
export async function sweepScratch(layout: Layout): Promise<void> {
  for (const name of await scratchNames(layout)) {
    const kind = scratchKind(name);
    if (kind === undefined) continue;
    await housekeeping(async () => {
      const path = join(layout.scratch, name);
      const old = Date.now() - (await lstat(path)).mtimeMs > abandonedAfterMs;
      if (kind === 'trash') await discard(path);
      else if (old) await takeAway(layout, name, kind);
    });
  }
}

/** Removes what is left of writes to one partition, of writers that still run as well: they notice. */
export async function sweepScratchOf(layout: Layout, partition: string): Promise<void> {
  for (const name of await scratchNames(layout))
    if (isScratchOf(name, partition)) await takeAway(layout, name, scratchKind(name));
}

async function takeAway(layout: Layout, name: string, kind: ScratchKind | undefined): Promise<void> {
  const path = join(layout.scratch, name);
  if (kind === 'draft') {
    await unlink(path).catch(ignoreMissing);
    return;
  }
  // Its writer may be about to move it among the records: in one piece, or not at all.
  const trash = join(layout.scratch, name.replace(/^new/, 'trash'));
  if (kind === 'new') await rename(path, trash).catch(ignoreMissing);
  await discard(trash);
}

async function scratchNames(layout: Layout): Promise<string[]> {
  try {
    return await readdir(layout.scratch);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

const lookAt = 16;

/**
 * Looks at a few records of the partition and removes those that have expired, and what a killed process left of
 * deleted ones. Called for every new record, so that the dead do not outgrow the living.
 */
export async function removeDead(
  layout: Layout,
  directory: string,
  isExpired: (current: CurrentVersion) => boolean,
  end: (record: string, current: CurrentVersion) => Promise<void>,
): Promise<void> {
  const names = readdirSync(directory).filter(isDirectoryName);
  const first = Math.floor(Math.random() * names.length);
  for (const name of [...names.slice(first), ...names.slice(0, first)].slice(0, lookAt)) {
    const record = join(directory, name);
    await housekeeping(async () => {
      const current = readUnlessBroken(record);
      if (current === 'broken') return;
      if (!current) await removeIfEmpty(record);
      else if (current.file.deleted) await bury(layout, record, current);
      else if (isExpired(current)) await end(record, current);
    });
  }
}

function readUnlessBroken(record: string): CurrentVersion | undefined | 'broken' {
  try {
    return readCurrent(record);
  } catch (error) {
    // Whoever asks for that record is told. It is not the trouble of the record that was just made.
    if (error instanceof StoreError) return 'broken';
    throw error;
  }
}
