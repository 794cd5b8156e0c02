import { execFile } from 'node:child_process';
import { access, constants, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** Where Debian keeps the programs of a server: off the PATH, in a folder of each major version. */
const debianFolder = '/usr/lib/postgresql';

export interface Programs {
  readonly initdb: string;
  readonly postgres: string;
  /** The major version: 15. */
  readonly major: number;
}

/** There is no PostgreSQL on this machine. The message says how to get one. */
export class MissingPostgresqlError extends Error {
  override readonly name = 'MissingPostgresqlError';

  constructor() {
    super('initdb was not found. On Debian and Ubuntu: apt-get install postgresql');
  }
}

/** Those on the PATH, else the newest of Debian's. */
export async function findPrograms(
  path = process.env['PATH'] ?? '',
  versionsFolder = debianFolder,
): Promise<Programs> {
  const onPath = path.split(delimiter).filter((folder) => folder !== '');
  const versions = (await foldersIn(versionsFolder)).sort((one, other) => Number(other) - Number(one));
  const debians = versions.map((version) => join(versionsFolder, version, 'bin'));
  for (const folder of [...onPath, ...debians]) {
    const [initdb, postgres] = [join(folder, 'initdb'), join(folder, 'postgres')];
    if (!(await isExecutable(initdb)) || !(await isExecutable(postgres))) continue;
    const { stdout } = await promisify(execFile)(postgres, ['--version']);
    return { initdb, postgres, major: Number(/\d+/.exec(stdout)?.[0]) };
  }
  throw new MissingPostgresqlError();
}

export type Command = readonly [program: string, ...args: string[]];

/** Whom the server runs as. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** @returns `undefined` where it runs as whoever runs this process. It refuses to run as root: Debian brings a user. */
export async function findServerUser(): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return { uid: await idOfPostgres('-u'), gid: await idOfPostgres('-g') };
}

/** The command as that user's. The process stays the same one, so that it can be signalled. */
export function runAs(user: ServerUser | undefined, ...command: Command): Command {
  if (!user) return command;
  return ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', ...command];
}

async function idOfPostgres(which: '-u' | '-g'): Promise<number> {
  const { stdout } = await promisify(execFile)('id', [which, 'postgres']);
  return Number(stdout);
}

async function foldersIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'EACCES') || hasCode(error, 'ENOTDIR')) return false;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
