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
 * Where a callback may come to (RFC 8252 section 7.3). A client that is registered for certain addresses uses only
 * those; one that registers itself can take any.
 */
export function redirectUris(dynamic: boolean, callbackPort: number | undefined): RedirectUris {
  if (callbackPort !== undefined || !dynamic) {
    return { candidates: [loopbackUri(callbackPort ?? DEFAULT_PORT)], anyPort: false };
  }
  const [first, ...others] = DYNAMIC_PORTS.map(loopbackUri);
  return { candidates: [first ?? loopbackUri(DEFAULT_PORT), ...others], anyPort: true };
}

function loopbackUri(port: number): string {
  return `http://localhost:${String(port)}/callback`;
}
