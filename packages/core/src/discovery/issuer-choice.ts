import {
  BlockedAddressError,
  DiscoveryError,
  DpopUnsupportedError,
  IssuerMismatchError,
  LimitExceededError,
  PkceUnsupportedError,
  quoted,
  RegistrationError,
  UnsafeUrlError,
} from '../errors.js';
import type { AuthorizationServerMetadata } from './authorization-server.js';
import type { ProtectedResourceMetadata } from './protected-resource.js';
import { isSameIssuer } from './issuer.js';

/** An MCP server may name a hundred of them; a person waits. */
const MAX_TRIED = 5;

/** Which of the authorization servers that an MCP server names is taken (RFC 9728 section 7.6 leaves it to the client). */
export interface IssuerChoice {
  /** No other is asked, whatever the MCP server names. */
  readonly only?: BoundIssuer | undefined;
  /** Asked before the others while the MCP server names it: the one of the login that stands. */
  readonly preferred?: string | undefined;
  /** Nobody is sent there with a browser: what a code flow needs may be missing. */
  readonly unattended?: boolean;
  /** Throws where no login at this server can work, which is a reason to ask the next one. */
  readonly assertUsable?: (
    server: AuthorizationServerMetadata,
    resource: ProtectedResourceMetadata | undefined,
  ) => void;
}

/** The one issuer that a client belongs to. */
export interface BoundIssuer {
  readonly issuer: string;
  /** `configured` by the host · `remembered` from the first login with this client. */
  readonly origin: 'configured' | 'remembered';
}

/**
 * The issuers to ask, in this order.
 *
 * @throws {IssuerMismatchError} none of them is the one that the client belongs to. Nothing was sent to any of them.
 */
export function issuersInOrder(
  resource: string,
  offered: readonly string[],
  { only, preferred }: IssuerChoice,
): readonly string[] {
  if (only) {
    const own = offered.find((issuer) => isSameIssuer(issuer, only.issuer));
    if (own === undefined) throw otherIssuer(resource, only, offered);
    return [own];
  }
  const first = offered.filter((issuer) => preferred !== undefined && isSameIssuer(issuer, preferred));
  return [...new Set([...first, ...offered])].slice(0, MAX_TRIED);
}

/** An MCP server named another authorization server than the one that the client belongs to. */
export function otherIssuer(
  resource: string,
  { issuer, origin }: BoundIssuer,
  named: readonly string[],
): IssuerMismatchError {
  const names = named.slice(0, MAX_TRIED).map(quoted).join(', ');
  const problem =
    origin === 'configured'
      ? `but ${quoted(issuer)} is configured as the issuer of its client. Nothing was sent there. If the server has ` +
        'moved, register a client at the new issuer and configure clientId and issuer anew'
      : `but its configured client was used at ${quoted(issuer)} so far. Nothing was sent there. If the client is ` +
        'registered at the new one, configure that as its issuer';
  return new IssuerMismatchError(
    issuer,
    named[0] ?? '',
    `${resource} names the authorization server ${names}, ${problem}.`,
  );
}

/**
 * What `ask` gives for the first issuer that can be used. One that is only in trouble ends the search: it must not look
 * as if the login belonged to another.
 *
 * @throws {DiscoveryError} none can be used; it says why for each. What one alone threw is thrown as it is.
 */
export async function firstUsable<T>(
  resource: string,
  issuers: readonly string[],
  ask: (issuer: string) => Promise<T>,
): Promise<T> {
  const tried: string[] = [];
  for (const issuer of issuers) {
    try {
      return await ask(issuer);
    } catch (error) {
      if (issuers.length === 1 || !isUnusable(error)) throw error;
      tried.push(`${quoted(issuer)} (${error.message})`);
    }
  }
  throw new DiscoveryError(
    resource,
    'none of the authorization servers that it names can be used for a login',
    tried,
  );
}

export function isUnusable(error: unknown): error is Error {
  return (
    error instanceof DiscoveryError ||
    error instanceof DpopUnsupportedError ||
    error instanceof IssuerMismatchError ||
    error instanceof PkceUnsupportedError ||
    error instanceof RegistrationError ||
    error instanceof UnsafeUrlError ||
    error instanceof BlockedAddressError ||
    error instanceof LimitExceededError
  );
}
