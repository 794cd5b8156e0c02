import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { link, open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StoreError } from '@mcp-oauth/core';

const maxBytes = 16 * 1024;

/** `undefined` if there is no such file. Rejects if others could have written it. */
export async function readKeyFile(path: string): Promise<string | undefined> {
  try {
    const handle = await open(path, 'r');
    try {
      // Looked at through the handle, so that it is the file that is read.
      await keepOthersOut(path, await handle.stat(), handle);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(maxBytes + 1), 0, maxBytes + 1, 0);
      if (bytesRead > maxBytes)
        throw new StoreError('misconfigured', `The key file ${path} is longer than ${maxBytes} bytes.`);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw asStoreError(error, path);
  }
}

/** Makes the file with this text, complete or not at all, unless there is one by then. */
export async function createKeyFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
      await linkUnlessThere(draft, path);
    } finally {
      await handle.close();
      await unlink(draft);
    }
    await syncDirectory(dirname(path));
  } catch (error) {
    throw asStoreError(error, path);
  }
}

async function linkUnlessThere(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** Where a directory can't be synced, nothing more can be done than was. */
async function syncDirectory(path: string): Promise<void> {
  const unable = [
    'EISDIR',
    'EINVAL',
    'ENOTSUP',
    ...(process.platform === 'win32' ? ['EPERM', 'EACCES'] : []),
  ];
  try {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!unable.includes(codeOf(error) ?? '')) throw error;
  }
}

async function keepOthersOut(path: string, stats: Stats, handle: FileHandle): Promise<void> {
  if (!stats.isFile()) throw new StoreError('misconfigured', `The key file ${path} is not a file.`);
  const user = process.geteuid?.();
  // Windows keeps others out by the access list of the directory, and has no such modes.
  if (user === undefined) return;
  if (stats.uid === user) {
    if ((stats.mode & 0o077) !== 0) await handle.chmod(0o600);
    return;
  }
  // The administrator's files are read with the rights that he gave: mounted secrets of containers are such.
  if (stats.uid === 0 && (stats.mode & 0o022) === 0) return;
  throw new StoreError(
    'permission',
    `The key file ${path} is not used: it belongs to user ${stats.uid}, or others may write to it, and this process ` +
      `runs as user ${user}. Change its owner and set its mode to 0600.`,
  );
}

function codeOf(error: unknown): string | undefined {
  // Not instanceof: the error may come from another realm.
  if (typeof error !== 'object' || error === null || !('code' in error) || !('syscall' in error))
    return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function asStoreError(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  return new StoreError(
    'key_unavailable',
    `The key file ${path} of the token store could not be used (${code}). Look whether its directory exists on a ` +
      'file system with hard links, and whether this user may read and write there. No stored record was lost.',
    { cause: error },
  );
}
