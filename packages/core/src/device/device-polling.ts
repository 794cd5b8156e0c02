import {
  AuthorizationDeniedError,
  AuthorizationTimeoutError,
  TokenRequestError,
  TransientError,
} from '../errors.js';
import type { TokenSet } from '../credentials/credentials.js';
import { ProtocolFailure } from '../protocol/protocol-failure.js';
import type { Clock } from '../time/clock.js';

/** Where the server names none (RFC 8628 section 3.2). */
const DEFAULT_INTERVAL_S = 5;
const MIN_INTERVAL_S = 1;
const MAX_INTERVAL_S = 60;
/** RFC 8628 section 3.5. */
const SLOW_DOWN_S = 5;
const MAX_BACKOFF_MS = 60_000;
/**
 * What says nothing of the code: a server in trouble (RFC 6749 section 4.1.2.1, which some send from here too), or one
 * whose nonces change faster than they can be used (RFC 9449 section 8).
 */
const PASSING = ['temporarily_unavailable', 'server_error', 'use_dpop_nonce'];

export interface DevicePollingOptions {
  readonly resource: string;
  readonly issuer: string;
  /** Seconds, as the server named it. */
  readonly interval: number | undefined;
  /** How long anybody waits for the person. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Waits so many milliseconds. Rejects with the signal's reason. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** One token request. Not ended by any signal: an answer with tokens must be heard. */
  readonly ask: () => Promise<TokenSet>;
  readonly signal: AbortSignal;
}

/**
 * Asks for the tokens until the person has decided on their other device (RFC 8628 sections 3.4 and 3.5). A server that
 * can't be reached is asked less and less often, for as long as the code is good.
 *
 * @throws {AuthorizationDeniedError} the person said no.
 * @throws {AuthorizationTimeoutError} nobody decided in time.
 * @throws {TokenRequestError | InvalidConfigError} the server refused, for good.
 * @throws the signal's reason
 */
export async function polledTokens(options: DevicePollingOptions): Promise<TokenSet> {
  const { clock, pause, ask, timeoutMs, resource, issuer, signal } = options;
  const endsAt = clock.monotonic() + timeoutMs;
  let intervalMs = firstIntervalMs(options.interval);
  let backoffMs = 0;
  for (;;) {
    const left = endsAt - clock.monotonic();
    const next = Math.max(intervalMs, backoffMs);
    await pause(Math.max(0, Math.min(next, left)), signal);
    if (left <= next) throw new AuthorizationTimeoutError(resource, timeoutMs);
    try {
      return await ask();
    } catch (error) {
      const trouble = judged(error, resource, issuer, timeoutMs);
      if (trouble === 'slow_down') intervalMs += SLOW_DOWN_S * 1_000;
      backoffMs = typeof trouble === 'object' ? longer(next, trouble.retryAfterMs) : 0;
    }
  }
}

/** A server that asks for no pause, or for hours, gets what it would have got without a word. */
function firstIntervalMs(seconds: number | undefined): number {
  const told = seconds ?? DEFAULT_INTERVAL_S;
  return Math.min(Math.max(told, MIN_INTERVAL_S), MAX_INTERVAL_S) * 1_000;
}

/** RFC 8628 section 3.5: on a connection timeout the pause is doubled. */
function longer(pausedMs: number, retryAfterMs = 0): number {
  return Math.min(Math.max(2 * pausedMs, retryAfterMs), Math.max(MAX_BACKOFF_MS, pausedMs));
}

/** Why it makes sense to ask again. */
type GoingOn = 'authorization_pending' | 'slow_down' | { readonly retryAfterMs: number | undefined };

function judged(error: unknown, resource: string, issuer: string, timeoutMs: number): GoingOn {
  if (error instanceof TransientError) return { retryAfterMs: error.retryAfterMs };
  if (!(error instanceof ProtocolFailure)) throw error;
  const { kind, error: code, status } = error;
  if (code === 'authorization_pending' || code === 'slow_down') return code;
  if (code === 'access_denied') throw new AuthorizationDeniedError(resource, code);
  if (code === 'expired_token') throw new AuthorizationTimeoutError(resource, timeoutMs);
  if (kind === 'unreadable' || (code !== undefined && PASSING.includes(code)))
    return { retryAfterMs: undefined };
  const problem =
    kind === 'refused'
      ? `refused the device code (${code ?? 'unknown_error'})`
      : 'gave no usable token response';
  throw new TokenRequestError(issuer, problem, {
    ...(code === undefined ? {} : { error: code }),
    ...(status === undefined ? {} : { status }),
  });
}
