import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { ListedRecord, ListOptions, StoredRecord } from '@mcp-oauth/core';
import { entriesIn, readCurrent } from './current-version.js';
import type { CurrentVersion } from './current-version.js';
import { isDirectoryName } from './layout.js';

const readsPerTurn = 64;

/** `undefined` if there is no such directory. */
export async function listRecords(
  directory: string,
  liveRecord: (current: CurrentVersion | undefined) => StoredRecord | null,
  { after, limit, signal }: ListOptions,
): Promise<ListedRecord[] | undefined> {
  const names = entriesIn(directory, directory)
    ?.map(({ name }) => name)
    .filter(isDirectoryName);
  if (!names) return undefined;
  const records: ListedRecord[] = [];
  for (const [index, name] of names.entries()) {
    if (index % readsPerTurn === readsPerTurn - 1) {
      await setImmediate();
      signal?.throwIfAborted();
    }
    const current = readCurrent(join(directory, name));
    const live = liveRecord(current);
    if (!current || !live) continue;
    if (after === undefined || current.file.id > after) records.push({ id: current.file.id, ...live });
  }
  return records.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit);
}
