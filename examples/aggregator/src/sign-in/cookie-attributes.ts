import type { CookieOptions } from 'hono/utils/cookie';

export type CookieAttributes = Pick<CookieOptions, 'path' | 'httpOnly' | 'sameSite' | 'secure' | 'prefix'>;

/** Of every cookie of this application. */
export function cookieAttributes(publicUrl: URL, path: string): CookieAttributes {
  const secure = publicUrl.protocol === 'https:';
  return {
    path,
    httpOnly: true,
    // Not `Strict`: the way back from the authorization server comes from another site.
    sameSite: 'Lax',
    secure,
    // Plain http, on this machine only, can have neither `Secure` nor the prefixes which promise it.
    ...(secure ? { prefix: path === '/' ? 'host' : 'secure' } : {}),
  };
}
