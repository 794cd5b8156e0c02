/**
 * Whether two names stand for one issuer. RFC 8414 section 3.3 asks for identity. The slash of an empty path alone is
 * forgiven: URL parsers add it.
 */
export function isSameIssuer(one: string, other: string): boolean {
  return one === other || withoutRootSlash(one) === withoutRootSlash(other);
}

function withoutRootSlash(issuer: string): string {
  const url = URL.parse(issuer);
  return url?.pathname === '/' && url.search === '' ? issuer.replace(/\/$/, '') : issuer;
}
