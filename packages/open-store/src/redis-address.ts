import { InvalidConfigError } from '@mcp-oauth/core';

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
  /** What every key begins with. */
  readonly prefix?: string;
}

const defaultPort = 6379;

/** `redis[s]://[[user]:password@]host[:port][/db][?prefix=…]`. Throws an `InvalidConfigError` that shows none of it. */
export function parseRedisAddress(address: string): RedisAddress {
  // The constructor's own error carries the whole address.
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || url.hostname === '')
    throw problem('it has no host. Percent-encode special characters in user name and password');
  if (url.hash !== '') throw problem('it has a #. Percent-encode one in the password as %23');
  const unknown = [...url.searchParams.keys()].filter((name) => name !== 'prefix');
  const prefixes = url.searchParams.getAll('prefix');
  if (unknown.length > 0 || prefixes.length > 1)
    throw problem(
      'its query takes one prefix=… and nothing else. For other settings, make the client yourself',
    );
  const [prefix] = prefixes;
  if (prefix === '') throw problem('its prefix is empty. Give one, or leave ?prefix= away');
  const db = /^\/?(\d{0,5})$/.exec(url.pathname)?.[1];
  if (db === undefined) throw problem('what follows the host is not the number of a database');
  const [username, password] = [decoded(url.username), decoded(url.password)];
  return {
    // Without the brackets of an IPv6 address.
    host: decoded(url.hostname).replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? defaultPort : Number(url.port),
    db: Number(db),
    tls: url.protocol === 'rediss:',
    ...(username !== '' && { username }),
    ...(password !== '' && { password }),
    ...(prefix !== undefined && { prefix }),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if ((error as Error).name !== 'URIError') throw error;
    throw problem(
      'a % in its user name or password is not followed by two hexadecimal digits. Write a % as %25',
    );
  }
}

function problem(what: string): InvalidConfigError {
  return new InvalidConfigError(
    `The redis: address of the token store can't be used: ${what}. The form is redis[s]://user:password@host:port/db` +
      '?prefix=…',
  );
}
