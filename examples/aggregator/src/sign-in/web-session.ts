import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie';
import type { Keys } from '../configuration/keys.js';
import { cookieAttributes } from './cookie-attributes.js';
import type { CookieAttributes } from './cookie-attributes.js';
import { readSessionValue, writeSessionValue } from './session-value.js';
import { userById } from './users.js';
import type { User } from './users.js';

const NAME = 'session';
const LIFETIME_SECONDS = 8 * 3_600;

/** Whoever is signed in. */
export interface Visitor {
  readonly user: User;
  /** What every form of theirs carries, and no other site can know. */
  readonly formToken: string;
}

/** Who is signed in stands in a signed cookie, so that every replica knows and no store is asked. */
export class WebSessions {
  readonly #keys: Keys;
  readonly #attributes: CookieAttributes;

  constructor(keys: Keys, publicUrl: URL) {
    this.#keys = keys;
    this.#attributes = cookieAttributes(publicUrl, '/');
  }

  async visitor(c: Context): Promise<Visitor | undefined> {
    const { prefix } = this.#attributes;
    const value = await getSignedCookie(c, this.#keys.sessions, NAME, ...(prefix ? [prefix] : []));
    if (typeof value !== 'string') return undefined;
    const { id, userId, expires } = readSessionValue(value);
    const user = userById(userId);
    return user && expires > Date.now() ? { user, formToken: this.#formToken(id) } : undefined;
  }

  /** Always a new session: one that was there before, perhaps planted, is worth nothing. */
  async start(c: Context, user: User): Promise<void> {
    const expires = Date.now() + LIFETIME_SECONDS * 1_000;
    const value = writeSessionValue({ id: randomUUID(), userId: user.id, expires });
    const options = { ...this.#attributes, maxAge: LIFETIME_SECONDS };
    await setSignedCookie(c, NAME, value, this.#keys.sessions, options);
  }

  end(c: Context): void {
    deleteCookie(c, NAME, this.#attributes);
  }

  #formToken(sessionId: string): string {
    return createHmac('sha256', this.#keys.forms).update(sessionId).digest('base64url');
  }
}

export function isFormTokenOf(visitor: Visitor, given: unknown): boolean {
  if (typeof given !== 'string') return false;
  const [expected, actual] = [Buffer.from(visitor.formToken), Buffer.from(given)];
  return expected.byteLength === actual.byteLength && timingSafeEqual(expected, actual);
}
