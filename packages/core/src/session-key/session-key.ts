import { InvalidConfigError } from '../errors.js';
import { safeUrl } from '../http/safe-url.js';

/** Whose credentials: the host's own name for a person, and for the tenant where user names repeat between tenants. */
export type Owner = string | { readonly tenant: string; readonly user: string };

/** Whose, for which MCP server, which of several accounts. Every record, cache and lock is keyed by all of it. */
export interface SessionKey {
  /** `undefined` where there is only one owner. */
  readonly owner: Owner | undefined;
  /** The MCP server, in its canonical form. */
  readonly resource: string;
  readonly profile: string;
}

const MAX_NAME_LENGTH = 1_024;

/**
 * The canonical URI of an MCP server: lower-case scheme and host, no fragment, no slash alone as path
 * (MCP authorization, "Canonical Server URI").
 */
export function canonicalResource(resource: string | URL): string {
  const url = safeUrl(String(resource), 'the MCP server URL');
  url.hash = '';
  return url.pathname === '/' && url.search === '' ? url.origin : url.href;
}

/** Half of a surrogate pair, of which UTF-8 makes the same bytes whichever it is: two names would be one. */
const LONE_SURROGATE = /\p{Surrogate}/u;

export function isWellFormed(name: string): boolean {
  return !LONE_SURROGATE.test(name);
}

/**
 * A copy, since the host may change its object while calls are under way.
 *
 * @throws {InvalidConfigError} for an owner that names nobody.
 */
export function checkedOwner(given: Owner): Owner {
  const owner = typeof given === 'string' ? given : { tenant: given.tenant, user: given.user };
  const parts = typeof owner === 'string' ? [owner] : [owner.tenant, owner.user];
  for (const part of parts as readonly unknown[]) {
    if (typeof part !== 'string' || part === '' || part.length > MAX_NAME_LENGTH || !isWellFormed(part)) {
      throw new InvalidConfigError(
        `An owner is a string of 1 to ${String(MAX_NAME_LENGTH)} characters, or { tenant, user } of such strings.`,
      );
    }
  }
  return owner;
}

/** Joins parts so that no two different lists give the same bytes, whatever they contain. */
export function lengthPrefixed(parts: readonly string[]): string {
  return parts.map((part) => `${String(part.length)}:${part}`).join('');
}

export function ownerParts(owner: Owner | undefined): readonly string[] {
  if (owner === undefined) return [];
  return typeof owner === 'string' ? [owner] : [owner.tenant, owner.user];
}

/** One string for one session key, for maps. */
export function sessionKeyId({ owner, resource, profile }: SessionKey): string {
  const parts = ownerParts(owner);
  return lengthPrefixed([String(parts.length), ...parts, resource, profile]);
}
