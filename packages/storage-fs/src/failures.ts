import { StoreError } from '@mcp-oauth/core';
import type { StoreErrorKind } from '@mcp-oauth/core';

/** An error of the operating system. */
export function isErrno(error: unknown): error is NodeJS.ErrnoException {
  // Not instanceof: the error may come from another realm.
  if (typeof error !== 'object' || error === null || !('code' in error)) return false;
  return 'syscall' in error && typeof error.code === 'string';
}

/** An error of the operating system with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return isErrno(error) && codes.includes(error.code ?? '');
}

/** For `catch`: what is not there needs no removing. */
export function ignoreMissing(error: unknown): void {
  if (!hasCode(error, 'ENOENT')) throw error;
}

/** The codes by which a file system says that it can't do a thing, rather than that it may not. */
const notSupported = ['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EMLINK'];

const kinds = new Map<string, readonly [StoreErrorKind, string]>([
  ...entries(['ENOSPC', 'EDQUOT'], 'full', 'there is no space left. Free some'),
  ...entries(['EFBIG'], 'full', 'a limit on file sizes was reached. Raise it (ulimit -f)'),
  ...entries(
    ['EROFS'],
    'read_only',
    'the file system is read-only. Mount it writable, or choose another one',
  ),
  ...entries(
    ['EACCES', 'EPERM'],
    'permission',
    'this user may not do that. Change the owner or the mode of the file, or choose another directory',
  ),
  ...entries(['EMFILE', 'ENFILE'], 'unavailable', 'too many files are open. Raise the limit (ulimit -n)'),
  ...entries(
    ['ENAMETOOLONG'],
    'misconfigured',
    'the path is too long for this file system. Choose a directory with a shorter path',
  ),
  ...entries(
    notSupported,
    'misconfigured',
    'this place can not do that. Choose a directory on one local file system, or use a SQLite store',
  ),
]);

function entries(codes: readonly string[], kind: StoreErrorKind, advice: string) {
  return codes.map((code) => [code, [kind, advice] as const] as const);
}

/** What the caller gets for an error from below: a `StoreError` for the operating system's, others as they are. */
export function asStoreError(error: unknown, root: string): unknown {
  if (!isErrno(error)) return error;
  const code = error.code ?? '';
  const what = `The token store failed at ${error.path ?? root} (${code} in ${error.syscall ?? 'a call'})`;
  // FAT answers link(2) with EPERM.
  if (error.syscall === 'link' && [...notSupported, 'EPERM'].includes(code)) return noHardLinks(root, error);
  const [kind, advice] = kinds.get(code) ?? [
    'unavailable' as const,
    'try again, and look at the health of the disk if it stays',
  ];
  return new StoreError(kind, `${what}: ${advice}. No stored record was lost.`, { cause: error });
}

export function noHardLinks(root: string, cause?: unknown): StoreError {
  return new StoreError(
    'misconfigured',
    `The token store in ${root} needs hard links, which this file system does not have (FAT, exFAT and some ` +
      'network drives). Choose a directory on another one, or use a SQLite store.',
    { cause },
  );
}

export function corrupt(path: string, problem: string, record: string): StoreError {
  return new StoreError(
    'corrupt',
    `The token store can't use ${path}: it ${problem}. Nothing was changed. To log in anew, move ` +
      `${record} away, or let repair() do it.`,
  );
}

export function foreignOwner(path: string, owner: number): StoreError {
  return new StoreError(
    'permission',
    `The token store does not use ${path}: it belongs to user ${owner}, and this process runs as user ` +
      `${process.geteuid?.() ?? 'unknown'}. Change the owner, or choose another directory.`,
  );
}

/** Runs work that a later call would do again, so that its trouble is not the caller's. */
export async function housekeeping(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isErrno(error) && !(error instanceof StoreError)) throw error;
  }
}
