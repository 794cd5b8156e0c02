import type { Context } from 'hono';
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie';
import type { CookieOptions } from 'hono/utils/cookie';
import type { Keys } from '../configuration/keys.js';
import { cookieAttributes } from '../sign-in/cookie-attributes.js';
import type { CookieAttributes } from '../sign-in/cookie-attributes.js';

const NAME = 'connected';
const LIFETIME_SECONDS = 60;

/** Whose login at which server a notice is about. */
export interface ConnectedLogin {
  readonly owner: string;
  readonly resource: string;
}

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

  async set(c: Context, login: ConnectedLogin, notice: ConnectedNotice): Promise<void> {
    const options = { ...this.#attributes, maxAge: LIFETIME_SECONDS } as CookieOptions;
    const value = new URLSearchParams({ ...login, ...notice }).toString();
    await setSignedCookie(c, NAME, value, this.#key, options);
  }

  /** The notice for this login, which is shown once. One for another server waits for its page. */
  async take(c: Context, { owner, resource }: ConnectedLogin): Promise<ConnectedNotice | undefined> {
    const { prefix } = this.#attributes;
    const value = await getSignedCookie(c, this.#key, NAME, ...(prefix ? [prefix] : []));
    if (typeof value !== 'string') return undefined;
    const told = new URLSearchParams(value);
    if (told.get('owner') !== owner || told.get('resource') !== resource) return undefined;
    this.clear(c);
    return { begunBy: told.get('begunBy') ?? '', completedBy: told.get('completedBy') ?? '' };
  }

  clear(c: Context): void {
    deleteCookie(c, NAME, this.#attributes);
  }
}
