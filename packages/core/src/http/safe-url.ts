import { UnsafeUrlError } from '../errors.js';

const MAX_URL_LENGTH = 8_192;

/**
 * Reads an address that a server named: https, or http on this very machine; no credentials in it.
 *
 * @param field Where it was named, for the message: `token_endpoint`.
 * @throws {UnsafeUrlError} without repeating the address, which may hold a password.
 */
export function safeUrl(value: unknown, field: string): URL {
  if (typeof value !== 'string' || value === '') throw new UnsafeUrlError(field, 'it is missing');
  if (value.length > MAX_URL_LENGTH) throw new UnsafeUrlError(field, 'it is too long');
  // The URL parser drops these silently, so that the address would not be the one that was checked elsewhere.
  if (/[\u0000-\u0020\u007f\\]/.test(value))
    throw new UnsafeUrlError(field, 'it has blanks or control characters');
  const url = URL.parse(value);
  if (!url) throw new UnsafeUrlError(field, 'it is not a URL');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new UnsafeUrlError(field, `its scheme is ${url.protocol.slice(0, -1)}, only https is allowed`);
  }
  if (url.username !== '' || url.password !== '') throw new UnsafeUrlError(field, 'it has credentials in it');
  if (url.protocol === 'http:' && !isLoopback(url)) {
    throw new UnsafeUrlError(field, 'it is plain http, which is allowed on the loopback interface only');
  }
  return url;
}

/** Whether the host is this machine by its name or address alone (RFC 8252 section 7.3, RFC 6761 section 6.3). */
export function isLoopback(url: URL): boolean {
  return (
    url.hostname === 'localhost' ||
    url.hostname.endsWith('.localhost') ||
    url.hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(url.hostname)
  );
}
