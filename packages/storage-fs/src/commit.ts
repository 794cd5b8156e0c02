import { link, mkdir, rename, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { entriesIn, newestNumber, readVersion } from './current-version.js';
import type { CurrentVersion } from './current-version.js';
import { withDraft } from './draft.js';
import { corrupt, hasCode, housekeeping, isErrno } from './failures.js';
import { isLifeName, randomName, scratchPath } from './layout.js';
import type { Layout } from './layout.js';
import { createRoot, ensureDirectory, syncDirectory } from './protected-directory.js';
import { discard } from './trash.js';
import type { VersionFile } from './version-file.js';

/**
 * Writes `next` over `current`. `false`: something else was written there before, or the record is gone.
 *
 * The commit is link(2) to the next number: it fails where that name exists. Only the newest names are kept, so a
 * writer that was overtaken many times can succeed in linking an old number. Nobody ever sees that version, for
 * only the highest number counts, and `landed` tells the writer.
 */
export async function append(
  layout: Layout,
  record: string,
  current: CurrentVersion,
  next: VersionFile,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { life } = current;
  const number = current.number + 1;
  const target = join(life, String(number));
  return withDraft(layout, next, async (draft, handle) => {
    signal?.throwIfAborted();
    const failure = await failureOf(link(draft, target));
    if (!(await landed(record, life, number, next.version, handle))) {
      if (failure === undefined) await housekeeping(() => unlink(target));
      else if (!hasCode(failure, 'EEXIST', 'ENOENT')) throw failure;
      return false;
    }
    await syncUnlessGone(life);
    return true;
  });
}

/**
 * Makes a record whose first version is `next`. `false`: there is one already.
 *
 * The commit is rename(2) of a directory, which fails where the target holds anything. In it lies the directory
 * of this life of the record, under a random name: a writer or cleaner that still means an earlier life finds
 * nothing at its path, however late it comes.
 */
export async function create(
  layout: Layout,
  record: string,
  next: VersionFile,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const staged = scratchPath(layout, 'new', next.partition);
  const lifeName = randomName();
  const life = join(staged, lifeName);
  return withDraft(layout, next, async (draft) => {
    await ensurePartition(layout, dirname(record));
    await mkdir(staged, 0o700);
    try {
      await mkdir(life, 0o700);
      await link(draft, join(life, '1'));
      await syncDirectory(life);
      await syncDirectory(staged);
      signal?.throwIfAborted();
      const failure = await failureOf(rename(staged, record));
      if (failure !== undefined && !wasMovedAnyway(record, lifeName, failure)) return false;
    } finally {
      await housekeeping(() => discard(staged));
    }
    await syncUnlessGone(dirname(record));
    return true;
  });
}

/** After a failed rename: did it happen, its answer lost on the way from a file server? Throws what is no conflict. */
function wasMovedAnyway(record: string, lifeName: string, failure: NodeJS.ErrnoException): boolean {
  const entries = entriesIn(record, record);
  if (entries?.some(({ name }) => name === lifeName)) return true;
  const foreign = entries?.find(({ name }) => !isLifeName(name));
  if (foreign && !entries?.some(({ name }) => isLifeName(name)))
    throw corrupt(join(record, foreign.name), 'is not a file of the token store', record);
  // Windows answers EPERM or EACCES where the target exists.
  const occupied =
    hasCode(failure, 'ENOTEMPTY', 'EEXIST') || (entries && hasCode(failure, 'EPERM', 'EACCES'));
  if (!occupied && !hasCode(failure, 'ENOENT')) throw failure;
  return false;
}

/**
 * Whether this very version became part of the record. It did if it is the newest, if the next one was written
 * over it, if it was emptied (which is done only to versions that have a successor, by `retire`), or if it is a
 * delete that was made good (by `bury`).
 */
async function landed(
  record: string,
  life: string,
  number: number,
  version: string,
  handle: FileHandle,
): Promise<boolean> {
  const at = (wanted: number) => {
    const file = readVersion(join(life, String(wanted)), record);
    return typeof file === 'string' ? undefined : file;
  };
  if (newestNumber(life, record) === number && at(number)?.version === version) return true;
  if (at(number + 1)?.previous === version) return true;
  const { size, mtimeMs } = await handle.stat();
  return size === 0 || mtimeMs === 0;
}

async function ensurePartition(layout: Layout, directory: string): Promise<void> {
  try {
    await ensureDirectory(directory);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    await createRoot(layout);
    await ensureDirectory(directory);
  }
}

async function syncUnlessGone(path: string): Promise<void> {
  try {
    await syncDirectory(path);
  } catch (error) {
    // Deleted or purged since: then there is nothing left that could be lost.
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

async function failureOf(work: Promise<void>): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (isErrno(error)) return error;
    throw error;
  }
}
