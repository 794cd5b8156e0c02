import { closeSync, constants, fchmodSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { StoreError } from '@mcp-oauth/core';
import { corrupt, hasCode } from './failures.js';
import { directoryName, isLifeName, versionNumbers } from './layout.js';
import { assertOwn, isLoose } from './protected-directory.js';
import { decodeVersionFile, maxFileBytes } from './version-file.js';
import type { VersionFile } from './version-file.js';

/** The newest version of a record. It may have expired, or be the mark of a delete. */
export interface CurrentVersion {
  readonly life: string;
  readonly number: number;
  readonly file: VersionFile;
}

const maxAttempts = 100;

/** `undefined` if there is no such record. */
export function readCurrent(record: string): CurrentVersion | undefined {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const life = lifeOf(record);
    if (life === undefined) return undefined;
    const number = newestNumber(life, record);
    if (number === undefined) continue;
    const file = number > 0 ? readVersion(join(life, String(number)), record) : 'has no version in it';
    // What was the newest may have been emptied while it was read, or its name taken again by a writer that
    // had been stopped for long. Only what still is the newest counts.
    if (newestNumber(life, record) !== number) continue;
    if (typeof file !== 'string') return { life, number, file };
    throw corrupt(number > 0 ? join(life, String(number)) : life, file, record);
  }
  throw new StoreError('busy', `The record in ${record} changed all the time while it was read. Try again.`);
}

/** The version in this file, or what is wrong with it. */
export function readVersion(path: string, record: string): VersionFile | string {
  let fd: number;
  try {
    // No link is followed, and a named pipe does not wait for its other end. Windows has neither flag.
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 'has vanished';
    if (hasCode(error, 'ELOOP', 'EMLINK', 'EISDIR', 'ENXIO')) return 'is not a regular file';
    throw error;
  }
  try {
    return readOpened(fd, path, record);
  } finally {
    closeSync(fd);
  }
}

function readOpened(fd: number, path: string, record: string): VersionFile | string {
  const stats = fstatSync(fd);
  if (!stats.isFile()) return 'is not a regular file';
  assertOwn(path, stats);
  if (stats.size === 0) return 'is empty';
  if (stats.size > maxFileBytes) return 'is larger than any file of the token store';
  const file = decodeVersionFile(readAll(fd, stats.size));
  if (file === undefined) return 'is damaged, or not a file of the token store';
  if (file === 'newer')
    throw new StoreError(
      'schema',
      `${path} was written by a newer version of this library. Update it here too.`,
    );
  const names = [directoryName(file.partition), directoryName(file.id)];
  if (names[0] !== basename(dirname(record)) || names[1] !== basename(record))
    return 'belongs to another record';
  // Only now: what is not ours (a link to some other file) is left as it is.
  if (isLoose(stats)) fchmodSync(fd, 0o600);
  return file;
}

function readAll(fd: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let length = 0;
  for (let read = -1; read !== 0 && length < size; length += read)
    read = readSync(fd, bytes, length, size - length, length);
  return bytes.subarray(0, length);
}

/** The highest version number, 0 if there is none, `undefined` if the directory is gone. */
export function newestNumber(life: string, record: string): number | undefined {
  const names = listed(life, record, () => readdirSync(life));
  return names && (versionNumbers(names).at(-1) ?? 0);
}

/** The directory that holds the versions. A record has at most one: see `create`. */
function lifeOf(record: string): string | undefined {
  const lives = (entriesIn(record, record) ?? []).filter(({ name }) => isLifeName(name));
  const life = lives[0];
  if (!life) return undefined;
  if (lives.length > 1) throw corrupt(record, 'holds more than one record', record);
  if (!life.isDirectory()) throw corrupt(join(record, life.name), 'is not a directory', record);
  return join(record, life.name);
}

/** What is in a directory, `undefined` if it is not there. */
export function entriesIn(path: string, record: string): Dirent[] | undefined {
  return listed(path, record, () => readdirSync(path, { withFileTypes: true }));
}

function listed<T>(path: string, record: string, list: () => T): T | undefined {
  try {
    return list();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    if (hasCode(error, 'ENOTDIR', 'ELOOP')) throw corrupt(path, 'is not a directory', record);
    throw error;
  }
}
