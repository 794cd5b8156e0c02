import { readdirSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { StoreError } from '@mcp-oauth/core';
import { readCurrent } from './current-version.js';
import { hasCode } from './failures.js';
import { isDirectoryName, randomName } from './layout.js';
import type { Layout } from './layout.js';
import { createRoot, ensureDirectory, syncDirectory } from './protected-directory.js';

/** Moves every record that can't be read out of the way. Answers where each lies now. */
export async function setAsideCorrupt(layout: Layout): Promise<string[]> {
  await createRoot(layout);
  const moved: string[] = [];
  for (const partition of namesOf(layout.records) ?? []) {
    const directory = join(layout.records, partition);
    // Something that is no directory stands in the way of all records of its partition.
    const records = namesOf(directory)?.map((name) => join(directory, name)) ?? [directory];
    for (const record of records) {
      if (!isCorrupt(record)) continue;
      const target = await prepareTarget(layout, partition, record);
      // Read again with nothing in between: it may have been purged, and begun anew, meanwhile.
      if (!isCorrupt(record)) continue;
      renameSync(record, target);
      await syncDirectory(dirname(target));
      await syncDirectory(dirname(record));
      moved.push(target);
    }
  }
  return moved;
}

async function prepareTarget(layout: Layout, partition: string, record: string): Promise<string> {
  const directory = join(layout.aside, partition);
  await ensureDirectory(layout.aside);
  await ensureDirectory(directory);
  const time = new Date().toISOString().replaceAll(':', '-');
  return join(directory, `${basename(record)}-${time}-${randomName()}`);
}

function isCorrupt(record: string): boolean {
  try {
    readCurrent(record);
    return false;
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'corrupt') return true;
    if (error instanceof StoreError) return false;
    throw error;
  }
}

/** Names of partitions or records, `undefined` if there is no such directory. */
function namesOf(directory: string): string[] | undefined {
  try {
    return readdirSync(directory).filter(isDirectoryName);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
    throw error;
  }
}
