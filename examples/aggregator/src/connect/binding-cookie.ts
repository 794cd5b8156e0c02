import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { CookieOptions } from 'hono/utils/cookie';
import { cookieAttributes } from '../sign-in/cookie-attributes.js';
import type { CookieAttributes } from '../sign-in/cookie-attributes.js';

/** As long as a login may take. */
const LIFETIME_SECONDS = 600;
/** As many as the library keeps for one owner. More would in the end be more than a request may have of headers. */
const MAX_COOKIES = 20;
const INDEX = 'logins';

/** What ties a login to the browser that began it. */
export interface Binding {
  readonly binding: string;
  /** The replica that began it: for the eyes of visitors alone. */
  readonly begunBy: string;
}

export interface BindingPaths {
  /** The pages that begin logins. */
  readonly begin: string;
  readonly callback: string;
}

/** One cookie for each login under way, so that several can go on side by side. Only the callback gets it. */
export class BindingCookies {
  readonly #attributes: CookieAttributes;
  /** Where logins are begun, their cookies are not seen: another cookie there lists the latest. */
  readonly #indexAttributes: CookieAttributes;

  constructor(publicUrl: URL, { begin, callback }: BindingPaths) {
    this.#attributes = cookieAttributes(publicUrl, callback);
    this.#indexAttributes = cookieAttributes(publicUrl, begin);
  }

  /** Beyond 20, those of the oldest logins are deleted. */
  set(c: Context, state: string, { binding, begunBy }: Binding): void {
    const id = idFor(state);
    setCookie(c, nameFor(id), `${binding} ${begunBy}`, lasting(this.#attributes));
    const ids = [id, ...this.#begun(c)];
    for (const old of ids.splice(MAX_COOKIES)) deleteCookie(c, nameFor(old), this.#attributes);
    setCookie(c, INDEX, ids.join('.'), lasting(this.#indexAttributes));
  }

  get(c: Context, state: string): Binding | undefined {
    const value = read(c, nameFor(idFor(state)), this.#attributes);
    const [binding = '', ...begunBy] = value?.split(' ') ?? [];
    return binding === '' ? undefined : { binding, begunBy: begunBy.join(' ') };
  }

  delete(c: Context, state: string): void {
    deleteCookie(c, nameFor(idFor(state)), this.#attributes);
  }

  #begun(c: Context): readonly string[] {
    const ids = read(c, INDEX, this.#indexAttributes)?.split('.') ?? [];
    return ids.filter((id) => /^[\w-]{12}$/.test(id)).slice(0, 2 * MAX_COOKIES);
  }
}

function lasting(attributes: CookieAttributes): CookieOptions {
  return { ...attributes, maxAge: LIFETIME_SECONDS };
}

function read(c: Context, name: string, { prefix }: CookieAttributes): string | undefined {
  return getCookie(c, name, ...(prefix ? [prefix] : []));
}

/** Short: a browser may hold many, and sends them all to the callback. */
function idFor(state: string): string {
  return createHash('sha256').update(state).digest('base64url').slice(0, 12);
}

function nameFor(id: string): string {
  return `login-${id}`;
}
