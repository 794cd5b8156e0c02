import { constants, readdirSync } from 'node:fs';
import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { readVersion } from './current-version.js';
import type { CurrentVersion } from './current-version.js';
import { hasCode } from './failures.js';
import { versionNumbers } from './layout.js';
import { decodeVersionFile, maxFileBytes } from './version-file.js';

const keptNames = 8;

/**
 * Empties the versions up to `superseded`, which has a successor now: the secrets go, and the newest names stay, so
 * that a slow writer's link(2) still meets them.
 *
 * Always from the lowest number up. So an empty version has only empty ones below it, and the walk down ends there.
 * Only what is proved to be in the line of the newest version is emptied: for a version that a late writer left
 * beside the line, `landed` must find its bytes untouched.
 */
export async function retire(record: string, superseded: CurrentVersion): Promise<void> {
  const { life } = superseded;
  const line = [{ number: superseded.number, version: superseded.file.version }];
  let { previous } = superseded.file;
  for (let number = superseded.number - 1; previous !== null && number > 0; number--) {
    const file = readVersion(join(life, String(number)), record);
    if (typeof file === 'string' || file.version !== previous) break;
    line.push({ number, version: file.version });
    previous = file.previous;
  }
  for (const { number, version } of line.reverse()) await empty(join(life, String(number)), version);
  await freeNames(life);
}

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

async function freeNames(life: string): Promise<void> {
  const numbers = versionNumbers(readdirSync(life));
  for (const number of numbers.slice(0, -keptNames)) await unlink(join(life, String(number)));
}
