import { UnsafeUrlError } from '../errors.js';
import { safeUrl } from '../http/safe-url.js';

/**
 * Whether two names stand for one issuer. RFC 8414 section 3.3 asks for identity. The slash of an empty path alone is
 * forgiven: URL parsers add it.
 */
export function isSameIssuer(one: string, other: string): boolean {
  return one === other || withoutRootSlash(one) === withoutRootSlash(other);
}

/** An issuer as it is compared: two of the same are one. */
export function withoutRootSlash(issuer: string): string {
  const url = URL.parse(issuer);
  return url?.pathname === '/' && url.search === '' ? issuer.replace(/\/$/, '') : issuer;
}

/**
 * Reads an issuer. It has no query and no fragment (RFC 8414 section 2): they would be lost on the way to its well-known
 * address, and one document would speak for many.
 *
 * @param field Where it was named, for the message.
 * @throws {UnsafeUrlError}
 */
export function safeIssuer(issuer: string, field: string): URL {
  const url = safeUrl(issuer, field);
  if (/[?#]/.test(issuer)) throw new UnsafeUrlError(field, 'an issuer has no query and no fragment');
  return url;
}
