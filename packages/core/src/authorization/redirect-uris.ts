import { InvalidConfigError, UnsafeUrlError } from '../errors.js';
import { isLoopback, safeUrl } from '../http/safe-url.js';

/** Five ports, so that a busy one costs no new registration. */
const DYNAMIC_PORTS = [9876, 9877, 9878, 9879, 9880] as const;
const DEFAULT_PORT = DYNAMIC_PORTS[0];

export interface RedirectUris {
  /** Tried in this order. */
  readonly candidates: readonly [string, ...string[]];
  /** Whether any free port will do where all of them are taken. */
  readonly anyPort: boolean;
}

/**
 * Where a callback may come to on this machine (RFC 8252 section 7.3). A client that is registered for certain addresses
 * uses only those; one that registers itself can take any.
 *
 * @throws {InvalidConfigError} no such port.
 */
export function redirectUris(dynamic: boolean, callbackPort: number | undefined): RedirectUris {
  if (callbackPort !== undefined) assertPort(callbackPort);
  if (callbackPort !== undefined || !dynamic) {
    return { candidates: [loopbackUri(callbackPort ?? DEFAULT_PORT)], anyPort: false };
  }
  const [first, ...others] = DYNAMIC_PORTS.map(loopbackUri);
  return { candidates: [first ?? loopbackUri(DEFAULT_PORT), ...others], anyPort: true };
}

/**
 * The same for a client whose metadata document lists its addresses: those on this machine, in its order.
 *
 * @throws {InvalidConfigError} it lists none, or none with this port.
 */
export function listedRedirectUris(
  listed: readonly string[],
  callbackPort: number | undefined,
): RedirectUris {
  const own = listed.filter((uri) => isLoopback(new URL(uri)));
  const [first, ...others] = own.filter(
    (uri) => callbackPort === undefined || new URL(uri).port === String(callbackPort),
  );
  if (first !== undefined) return { candidates: [first, ...others], anyPort: false };
  const wanted = callbackPort === undefined ? '' : ` with the callbackPort ${String(callbackPort)}`;
  const there = own.length === 0 ? 'none' : own.join(', ');
  throw new InvalidConfigError(
    `A login at this machine needs a redirect address${wanted} that the client metadata document lists. It lists ${there}. ` +
      `Add ${loopbackUri(callbackPort ?? DEFAULT_PORT)} to its redirectUris and publish it anew.`,
  );
}

/**
 * A redirect address that a host names: https, or http on this machine, and no fragment (RFC 6749 section 3.1.2). As it was
 * written, since servers compare it as text.
 *
 * @param field Where it was named, for the message.
 * @throws {UnsafeUrlError}
 */
export function checkedRedirectUri(uri: string, field: string): string {
  safeUrl(uri, field);
  if (uri.includes('#')) throw new UnsafeUrlError(field, 'it has a fragment');
  return uri;
}

function loopbackUri(port: number): string {
  return `http://localhost:${String(port)}/callback`;
}

function assertPort(port: number): void {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return;
  throw new InvalidConfigError(`The callbackPort ${String(port)} is no port number from 1 to 65535.`);
}
