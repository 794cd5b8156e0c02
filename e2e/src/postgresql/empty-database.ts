import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runAs } from './programs.js';
import type { Programs, ServerUser } from './programs.js';

export interface EmptyDatabaseOptions {
  readonly programs: Programs;
  readonly user: ServerUser | undefined;
  /** Belongs to that user. */
  readonly directory: string;
  readonly port: number;
  readonly password: string | undefined;
  readonly settings: Readonly<Record<string, string>>;
}

/** Makes what a server works in, and returns where. */
export async function makeEmptyDatabase(options: EmptyDatabaseOptions): Promise<string> {
  const { programs, user, directory, port, password, settings } = options;
  const data = join(directory, 'data');
  // A file, so that no password is seen in a list of processes.
  const passwordFile = join(directory, 'password');
  if (password !== undefined) await writeFile(passwordFile, `${password}\n`);
  const [program, ...args] = runAs(
    user,
    programs.initdb,
    `--pgdata=${data}`,
    '--username=postgres',
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    // As with most databases, what sorts text is the rules of a language.
    ...(programs.major >= 15 ? ['--locale-provider=icu', '--icu-locale=en-US'] : []),
    ...(password === undefined ? ['--auth=trust'] : ['--auth=scram-sha-256', `--pwfile=${passwordFile}`]),
    // An empty database can be made again. What is written later is synced.
    '--no-sync',
  );
  await promisify(execFile)(program, args);
  await rm(passwordFile, { force: true });
  const all = { listen_addresses: '127.0.0.1', port: String(port), unix_socket_directories: '', ...settings };
  const lines = Object.entries(all).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`);
  await writeFile(join(data, 'postgresql.conf'), lines);
  return data;
}
