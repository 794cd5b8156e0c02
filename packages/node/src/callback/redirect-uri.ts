import { InvalidConfigError } from '@mcp-oauth/core';

export type LoopbackAddress = '127.0.0.1' | '::1';

/** A redirect URI that a native app may listen on (RFC 8252 section 7.3). */
export interface LoopbackRedirect {
  /** As it was given and registered: authorization servers compare it as text. */
  readonly uri: string;
  /** As it stands in a URL, an IPv6 address in brackets. */
  readonly hostname: string;
  readonly port: number;
  readonly path: string;
  /** What to listen on, so that nobody else can sit on an address that a browser would try for this host. */
  readonly addresses: readonly [LoopbackAddress, ...LoopbackAddress[]];
}

const addressesOf: Readonly<Record<string, LoopbackRedirect['addresses']>> = {
  localhost: ['127.0.0.1', '::1'],
  '127.0.0.1': ['127.0.0.1'],
  '[::1]': ['::1'],
};

export function parseRedirectUri(uri: string): LoopbackRedirect {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  const addresses = url === undefined ? undefined : addressesOf[url.hostname];
  if (url === undefined || addresses === undefined || url.protocol !== 'http:')
    throw unusable(uri, 'it must begin with http://localhost, http://127.0.0.1 or http://[::1]');
  if (url.username !== '' || url.password !== '')
    throw unusable(uri, 'it must not hold a user name or password');
  if (url.search !== '' || uri.includes('#')) throw unusable(uri, 'it must not have a query or a fragment');
  if (url.pathname === '/') throw unusable(uri, 'it needs a path of its own, such as /callback');
  if (url.port === '0') throw unusable(uri, 'port 0 is none that could be registered');
  const port = url.port === '' ? 80 : Number(url.port);
  return { uri, hostname: url.hostname, port, path: url.pathname, addresses };
}

/** The same redirect on another port. */
export function withPort(redirect: LoopbackRedirect, port: number): LoopbackRedirect {
  const url = new URL(redirect.uri);
  url.port = String(port);
  return { ...redirect, uri: url.href, port };
}

function unusable(uri: string, rule: string): InvalidConfigError {
  const shown = URL.canParse(uri) ? new URL(uri).origin : 'given';
  return new InvalidConfigError(`The redirect URI ${shown} can't be listened on: ${rule}.`);
}
