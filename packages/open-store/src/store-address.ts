import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';
import { InvalidConfigError } from '@mcp-oauth/core';
import { parseRedisAddress } from './redis-address.js';
import type { RedisAddress } from './redis-address.js';

/** What an address says. */
export type StoreAddress =
  | { readonly kind: 'memory' }
  /** `path` is absolute. */
  | { readonly kind: 'file' | 'sqlite'; readonly path: string }
  | ({ readonly kind: 'redis' } & RedisAddress);

/** The machine that paths are meant for. */
export interface Host {
  readonly platform: NodeJS.Platform;
  /** `undefined` where this user has no home directory. */
  readonly home: () => string | undefined;
}

const forms =
  'memory:, file:/directory, file:~/directory, sqlite:/file.db, sqlite:~/file.db, redis://host:port/db and ' +
  'rediss://host:port/db (with ?prefix=…)';

const thisHost: Host = {
  platform: process.platform,
  home: () => {
    try {
      return homedir();
    } catch (error) {
      // No HOME, and a user id that has no entry in the user database: common in containers.
      if ((error as NodeJS.ErrnoException).code === 'ERR_SYSTEM_ERROR') return undefined;
      throw error;
    }
  },
};

/** Throws an `InvalidConfigError`, which shows no more of the address than a path: the rest may hold a password. */
export function parseStoreAddress(address: string, host: Host = thisHost): StoreAddress {
  const [, scheme = '', rest = ''] = /^([a-z]+):(.*)$/is.exec(address) ?? [];
  switch (scheme.toLowerCase()) {
    case 'memory':
      if (rest !== '')
        throw new InvalidConfigError('The token store address memory: has nothing after the colon.');
      return { kind: 'memory' };
    case 'file':
      return { kind: 'file', path: absolutePath('file', rest, host) };
    case 'sqlite':
      return { kind: 'sqlite', path: absolutePath('sqlite', rest, host) };
    case 'redis':
    case 'rediss':
      return { kind: 'redis', ...parseRedisAddress(address) };
    default:
      throw new InvalidConfigError(
        `The address of the token store has a form that is not known. Known are: ${forms}.`,
      );
  }
}

function absolutePath(scheme: 'file' | 'sqlite', rest: string, host: Host): string {
  const paths = host.platform === 'win32' ? win32 : posix;
  const written = decoded(scheme, withoutAuthority(scheme, rest));
  const isAtHome = /^~[/\\]./.test(host.platform === 'win32' ? written : written.replaceAll('\\', '_'));
  // /C:/directory is how a file URL writes C:/directory.
  const named = host.platform === 'win32' ? written.replace(/^\/(?=[a-z]:[/\\])/i, '') : written;
  const path = paths.normalize(isAtHome ? paths.join(homeOf(scheme, host), written.slice(2)) : named);
  const { root } = paths.parse(path);
  // On Windows, a path without a drive depends on where the process was started, as a relative one does.
  if (!paths.isAbsolute(path) || (host.platform === 'win32' && root.length < 3))
    throw problem(
      scheme,
      `${JSON.stringify(written)} is not an absolute path, and the directory that a program is started in differs from ` +
        'case to case. Write it in full, or from the home directory with ~/',
    );
  if (path === root)
    throw problem(scheme, `${JSON.stringify(written)} is all of a drive. Name a place of its own in it`);
  if (scheme === 'sqlite' && /[/\\]$/.test(path))
    throw problem(scheme, `${JSON.stringify(written)} names a directory, and a file is needed`);
  return path;
}

/** `//host/path` without its host, which can only be this one. */
function withoutAuthority(scheme: string, rest: string): string {
  if (/[?#]/.test(rest))
    throw problem(scheme, 'a path takes no ? and no #. If they belong to a name, write them as %3F and %23');
  const [, authority = '', path = ''] = /^\/\/([^/]*)(.*)$/s.exec(rest) ?? [rest, '', rest];
  if (authority !== '' && authority.toLowerCase() !== 'localhost')
    throw problem(scheme, `after // comes the path on this machine, with a third slash: ${scheme}:///…`);
  return path;
}

function decoded(scheme: string, path: string): string {
  let plain: string;
  try {
    plain = decodeURIComponent(path);
  } catch (error) {
    if ((error as Error).name !== 'URIError') throw error;
    throw problem(
      scheme,
      'a % is not followed by two hexadecimal digits of UTF-8. Write a % of a name as %25',
    );
  }
  if (plain === '' || plain.includes('\0')) throw problem(scheme, 'it names no path');
  return plain;
}

function homeOf(scheme: string, host: Host): string {
  const home = host.home();
  if (home !== undefined && (host.platform === 'win32' ? win32 : posix).isAbsolute(home)) return home;
  throw problem(
    scheme,
    '~ stands for the home directory, and this user has none. Set HOME, or write the path in full',
  );
}

function problem(scheme: string, what: string): InvalidConfigError {
  return new InvalidConfigError(`The token store address ${scheme}:… can't be used: ${what}.`);
}
