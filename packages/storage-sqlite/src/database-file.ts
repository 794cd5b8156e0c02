import { accessSync, chmodSync, closeSync, constants, mkdirSync, openSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from '@mcp-oauth/core';

/** Makes the file with mode 0600 before anything is in it, or verifies that the one that is there is this user's. */
export function prepareFile(path: string): void {
  prepareDirectory(dirname(path));
  try {
    // SQLite gives the files beside it (-wal, -shm) the mode of this one.
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw asFileError(error, path);
  }
  assertOwn(path, statSync(path));
  try {
    // SQLite would say that it can't open the file, and not why.
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw asFileError(error, path);
  }
}

/** Takes the right to read from others than the owner. Only for files that are known to be a token store's. */
export function closeToOthers(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) if (isOpenToOthers(file)) chmodSync(file, 0o600);
}

/** @throws {StoreError} where others than the owner may read the file. */
export function assertClosedToOthers(path: string): void {
  if (!isOpenToOthers(path)) return;
  throw new StoreError(
    'permission',
    `Others may read the token store in ${path}. Close it to them: chmod 600`,
  );
}

/** Notices that an open file is no longer at its path, where SQLite would go on writing and nobody would find it. */
export class FileInPlace {
  readonly #path: string;
  readonly #identity: string | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#identity = identityOf(path);
  }

  /** @throws {StoreError} where the path leads to another file or to none. */
  verify(): void {
    if (this.#identity !== undefined && identityOf(this.#path) === this.#identity) return;
    throw new StoreError(
      'unavailable',
      `The token store's file ${this.#path} was moved, removed or replaced while it was open. Put it back, or open ` +
        'the store anew.',
    );
  }
}

function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${String(dev)}:${String(ino)}`;
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined;
    throw asFileError(error, path);
  }
}

/** Windows keeps others out by the access list of the profile directory, and has no such modes. */
function isOpenToOthers(path: string): boolean {
  if (process.platform === 'win32') return false;
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && (stats.mode & 0o077) !== 0;
}

function prepareDirectory(directory: string): void {
  try {
    mkdirSync(directory, 0o700);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return;
    if (!hasCode(error, 'ENOENT')) throw asFileError(error, directory);
    throw new StoreError(
      'misconfigured',
      `The token store can't be in ${directory}: ${dirname(directory)} is not there. Create or mount it, or choose ` +
        'another path.',
      { cause: error },
    );
  }
}

function assertOwn(path: string, stats: Stats): void {
  if (!stats.isFile()) {
    throw new StoreError(
      'misconfigured',
      `The token store needs a file at ${path}, and something else is there. Move it away, or choose another path.`,
    );
  }
  const user = process.geteuid?.();
  if (user !== undefined && stats.uid !== user) {
    throw new StoreError(
      'permission',
      `The token store does not use ${path}: it belongs to user ${String(stats.uid)}, and this process runs as user ` +
        `${String(user)}. Change the owner, or choose another path.`,
    );
  }
}

function hasCode(error: unknown, code: string): boolean {
  return isErrno(error) && error.code === code;
}

function isErrno(error: unknown): error is { readonly code: string } {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false;
  return 'syscall' in error && typeof error.code === 'string';
}

export function asFileError(error: unknown, path: string): unknown {
  const kinds = {
    EACCES: ['permission', 'this user may not do that'],
    EPERM: ['permission', 'this user may not do that'],
    EROFS: ['read_only', 'the file system is read-only'],
    ENOSPC: ['full', 'there is no space left'],
    EDQUOT: ['full', 'there is no space left'],
    EMFILE: ['unavailable', 'too many files are open (ulimit -n)'],
    ENFILE: ['unavailable', 'too many files are open (ulimit -n)'],
    ENOTDIR: ['misconfigured', 'something on the way to it is no directory'],
    ENAMETOOLONG: ['misconfigured', 'the path is too long'],
  } as const;
  if (!isErrno(error)) return error;
  const known = Object.entries(kinds).find(([code]) => code === error.code)?.[1];
  const [kind, problem] = known ?? (['unavailable', error.code] as const);
  return new StoreError(
    kind,
    `The token store can't use ${path}: ${problem}. Change that, or choose another path.`,
    {
      cause: error,
    },
  );
}
