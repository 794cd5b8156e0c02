import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface DataDirectory {
  readonly files: readonly {
    readonly path: string;
    /** As `ls -l` would show it in octal: `600`. */
    readonly mode: string;
    readonly bytes: number;
  }[];
  /** How many of the files hold one of the secrets. */
  readonly filesWithSecrets: number;
}

/** Looks at what lies on the disk, without the help of the store that put it there. */
export async function lookInto(directory: string, secrets: readonly string[]): Promise<DataDirectory> {
  const names = (await readdir(directory)).sort();
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      const { mode, size } = await lstat(path);
      const text = await readFile(path, 'latin1');
      const hasSecret = secrets.some((secret) => text.includes(secret));
      return { path, mode: (mode & 0o777).toString(8), bytes: size, hasSecret };
    }),
  );
  return { files, filesWithSecrets: files.filter(({ hasSecret }) => hasSecret).length };
}
