import type { Context } from 'hono';
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie';
import type { CookieOptions } from 'hono/utils/cookie';
import type { Keys } from '../configuration/keys.js';
import { cookieAttributes } from '../sign-in/cookie-attributes.js';
import type { CookieAttributes } from '../sign-in/cookie-attributes.js';

const NAME = 'connected';
const LIFETIME_SECONDS = 60;

/** Which replicas took the two halves of a login. */
export interface ConnectedNotice {
  readonly begunBy: string;
  readonly completedBy: string;
}

/** Tells the next page of a server that it was just connected. Signed, so that no other site can make us say so. */
export class ConnectedNotices {
  readonly #key: Keys['notices'];
  readonly #attributes: CookieAttributes;

  constructor({ notices }: Keys, publicUrl: URL) {
    this.#key = notices;
    this.#attributes = cookieAttributes(publicUrl, '/servers');
  }

  async set(c: Context, { begunBy, completedBy }: ConnectedNotice): Promise<void> {
    const options = { ...this.#attributes, maxAge: LIFETIME_SECONDS } as CookieOptions;
    await setSignedCookie(c, NAME, `${begunBy}\n${completedBy}`, this.#key, options);
  }

  /** The notice, which is shown once. */
  async take(c: Context): Promise<ConnectedNotice | undefined> {
    const { prefix } = this.#attributes;
    const value = await getSignedCookie(c, this.#key, NAME, ...(prefix ? [prefix] : []));
    if (value === undefined) return undefined;
    deleteCookie(c, NAME, this.#attributes);
    if (value === false) return undefined;
    const [begunBy = '', completedBy = ''] = value.split('\n');
    return { begunBy, completedBy };
  }
}
