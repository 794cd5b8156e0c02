import { InvalidConfigError } from '@mcp-oauth/core';

/** Resolves a host name to all its addresses, IPv4 and IPv6. */
export type Lookup = (hostname: string) => Promise<readonly string[]>;

export interface GuardedFetchOptions {
  /**
   * Exact origins, `http://localhost:9000`, which may be plain http and may lie inside. Everything that strangers
   * name is held against them, so list what they may reach, too.
   */
  readonly allowedOrigins?: readonly string[];
  /** Default: the resolver of the system. */
  readonly lookup?: Lookup;
  /** Bytes of an answer after decompression; of an event stream, of each event. Default: 10 MiB. */
  readonly maxBytes?: number;
  /** Milliseconds until the headers are there: lookup, connecting and redirects included. Default: 2 minutes. */
  readonly headersTimeoutMs?: number;
  /** Milliseconds between two pieces of an answer. Default: 30 s. */
  readonly idleTimeoutMs?: number;
  /** Milliseconds for an answer from the call to its end. Default: 5 minutes. Doesn't hold for an event stream. */
  readonly timeoutMs?: number;
  /** Milliseconds between two pieces of an event stream, which may be silent for ever by default. */
  readonly eventStreamIdleTimeoutMs?: number;
  /** An event stream has a connection to itself for as long as it lives. Default: 1024. */
  readonly maxConnectionsPerOrigin?: number;
}

export interface Limits {
  readonly maxBytes: number;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly timeoutMs: number;
  readonly eventStreamIdleTimeoutMs: number | undefined;
}

const MAX_TIMER_MS = 2 ** 31 - 1;

/** @throws {InvalidConfigError} */
export function limitsOf(options: GuardedFetchOptions): Limits {
  const { eventStreamIdleTimeoutMs } = options;
  return {
    maxBytes: positive('maxBytes', options.maxBytes ?? 10 * 1_024 * 1_024, Number.MAX_SAFE_INTEGER),
    headersTimeoutMs: positive('headersTimeoutMs', options.headersTimeoutMs ?? 120_000, MAX_TIMER_MS),
    idleTimeoutMs: positive('idleTimeoutMs', options.idleTimeoutMs ?? 30_000, MAX_TIMER_MS),
    timeoutMs: positive('timeoutMs', options.timeoutMs ?? 300_000, MAX_TIMER_MS),
    eventStreamIdleTimeoutMs:
      eventStreamIdleTimeoutMs === undefined
        ? undefined
        : positive('eventStreamIdleTimeoutMs', eventStreamIdleTimeoutMs, MAX_TIMER_MS),
  };
}

/** @throws {InvalidConfigError} */
export function positive(name: string, value: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= 1 && value <= max) return value;
  throw new InvalidConfigError(`guardedFetch: ${name} must be a whole number from 1 to ${max}.`);
}

/**
 * Takes exact origins alone: of `http://localhost:9000/mcp` or `http://*.internal` nobody could tell how much is meant.
 *
 * @throws {InvalidConfigError} without repeating the value, which may hold a password.
 */
export function allowedOriginsOf({ allowedOrigins = [] }: GuardedFetchOptions): ReadonlySet<string> {
  if (!Array.isArray(allowedOrigins)) {
    throw new InvalidConfigError('guardedFetch: allowedOrigins must be an array of origins.');
  }
  for (const [index, origin] of allowedOrigins.entries()) {
    const url = typeof origin === 'string' ? URL.parse(origin) : null;
    const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
    if (!isWeb || url.origin !== origin || url.hostname.includes('*')) {
      throw new InvalidConfigError(
        `guardedFetch: allowedOrigins[${index}] must be an exact origin such as http://localhost:9000, with no path.`,
      );
    }
  }
  return new Set(allowedOrigins);
}
