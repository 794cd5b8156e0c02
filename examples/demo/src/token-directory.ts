import { lstat, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

export interface StoredFile {
  /** Below the directory, each long name shortened. */
  readonly path: string;
  /** As `ls -l` would show it in octal: `600`. */
  readonly mode: string;
  readonly bytes: number;
}

export interface TokenDirectory {
  readonly mode: string;
  readonly files: readonly StoredFile[];
  /** How many of the files hold one of the secrets. */
  readonly filesWithSecrets: number;
}

/** Looks at what lies on the disk, without the help of the store that put it there. */
export async function lookInto(directory: string, secrets: readonly string[]): Promise<TokenDirectory> {
  const files: StoredFile[] = [];
  let filesWithSecrets = 0;
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((candidate) => candidate.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const { mode, size } = await lstat(path);
    const text = await readFile(path, 'latin1');
    if (secrets.some((secret) => text.includes(secret))) filesWithSecrets += 1;
    files.push({ path: shortened(relative(directory, path)), mode: octal(mode), bytes: size });
  }
  return { mode: octal((await lstat(directory)).mode), files, filesWithSecrets };
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8);
}

function shortened(path: string): string {
  return path
    .split('/')
    .map((part) => (part.length > 14 ? `${part.slice(0, 13)}…` : part))
    .join('/');
}
