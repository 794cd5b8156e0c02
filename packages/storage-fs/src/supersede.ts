import { constants } from 'node:fs';
import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { entriesIn, readVersion } from './current-version.js';
import type { CurrentVersion } from './current-version.js';
import { hasCode, ignoreMissing } from './failures.js';
import { versionNumbers } from './layout.js';
import { decodeVersionFile, maxFileBytes } from './version-file.js';

const keptNames = 8;

/**
 * Empties the versions below the newest one: the secrets go, and the last few names stay, so that a slow writer's
 * link(2) still meets them.
 *
 * Always from the lowest number up, and names are freed only when all is empty. So an empty version has only empty
 * ones below it, the walk down ends there, and it does not reach what a late writer may have linked to a freed
 * number: `landed` must find those bytes untouched.
 */
export async function retire(record: string, newest: CurrentVersion): Promise<void> {
  const { life } = newest;
  const line: { path: string; version: string }[] = [];
  for (let number = newest.number - 1; number > 0; number--) {
    const path = join(life, String(number));
    const file = readVersion(path, record);
    if (typeof file === 'string') break;
    line.push({ path, version: file.version });
  }
  for (const { path, version } of line.reverse()) await empty(path, version);
  const numbers = versionNumbers(entriesIn(life, record)?.map(({ name }) => name) ?? []);
  for (const number of numbers.slice(0, -keptNames))
    await unlink(join(life, String(number))).catch(ignoreMissing);
}

/** The name may have been freed, and taken by a late writer, since it was read. */
async function empty(path: string, version: string): Promise<void> {
  let handle;
  try {
    handle = await open(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  try {
    const stats = await handle.stat();
    if (!stats.isFile() || stats.size === 0 || stats.size > maxFileBytes) return;
    const file = decodeVersionFile(await handle.readFile());
    if (typeof file === 'object' && file.version === version) await handle.truncate(0);
  } finally {
    await handle.close();
  }
}
