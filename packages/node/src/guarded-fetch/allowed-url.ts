import { BlockedAddressError, UnsafeUrlError } from '@mcp-oauth/core';
import { blockedHost } from './blocked-range.js';

/** Where a URL was named: by whoever called, or by the server that answered. */
export type UrlField = 'url' | 'location';

const MAX_URL_LENGTH = 8_192;

/**
 * Checks everything about a URL that can be told before a name is resolved.
 *
 * @throws {UnsafeUrlError} without repeating the address, which may hold a password.
 * @throws {BlockedAddressError}
 */
export function allowedUrl(
  value: string | URL,
  field: UrlField,
  allowedOrigins: ReadonlySet<string>,
  base?: URL,
): URL {
  const url = URL.parse(String(value), base);
  if (!url) throw new UnsafeUrlError(field, 'it is not a URL');
  if (url.href.length > MAX_URL_LENGTH) throw new UnsafeUrlError(field, 'it is too long');
  if (url.username !== '' || url.password !== '') throw new UnsafeUrlError(field, 'it has credentials in it');
  if (allowedOrigins.has(url.origin)) return url;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new UnsafeUrlError(field, `its scheme is ${url.protocol.slice(0, -1)}, only https is allowed`);
  }
  // Before the scheme: that a server points inwards is what the host's operators should read.
  const reason = blockedHost(url.hostname);
  if (reason !== undefined) throw new BlockedAddressError(field, url.hostname, reason);
  if (url.protocol === 'http:') {
    throw new UnsafeUrlError(field, 'it is plain http, which is for allowedOrigins only');
  }
  return url;
}
