import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { CookieOptions } from 'hono/utils/cookie';
import { cookieAttributes } from '../sign-in/cookie-attributes.js';
import type { CookieAttributes } from '../sign-in/cookie-attributes.js';

/** As long as a login may take. */
const LIFETIME_SECONDS = 600;

/** What ties a login to the browser that began it. */
export interface Binding {
  readonly binding: string;
  /** The replica that began it: for the eyes of visitors alone. */
  readonly begunBy: string;
}

/** One cookie for each login under way, so that several can go on side by side. Only the callback gets it. */
export class BindingCookies {
  readonly #attributes: CookieAttributes;

  constructor(publicUrl: URL, path: string) {
    this.#attributes = cookieAttributes(publicUrl, path);
  }

  set(c: Context, state: string, { binding, begunBy }: Binding): void {
    const options = { ...this.#attributes, maxAge: LIFETIME_SECONDS } as CookieOptions;
    setCookie(c, nameFor(state), `${binding} ${begunBy}`, options);
  }

  get(c: Context, state: string): Binding | undefined {
    const { prefix } = this.#attributes;
    const value = getCookie(c, nameFor(state), ...(prefix ? [prefix] : []));
    const [binding = '', ...begunBy] = value?.split(' ') ?? [];
    return binding === '' ? undefined : { binding, begunBy: begunBy.join(' ') };
  }

  delete(c: Context, state: string): void {
    deleteCookie(c, nameFor(state), this.#attributes);
  }
}

/** Short: a browser may hold many, and sends them all to the callback. */
function nameFor(state: string): string {
  return `login-${createHash('sha256').update(state).digest('base64url').slice(0, 12)}`;
}
