import type { TokenSet } from '../credentials/credentials.js';

const EARLY_SHARE = 0.15;
const EARLY_MIN_MS = 10_000;
const EARLY_MAX_MS = 5 * 60_000;
/** Clock difference and one slow request; for tokens that live for seconds a share of that. */
const SKEW_MAX_MS = 10_000;
const SKEW_SHARE = 0.1;

/**
 * `fresh` use it · `early` use it and renew it in the background · `late` renew it first, and use it only where that
 * fails · `expired` it is of no use.
 */
export type Freshness = 'fresh' | 'early' | 'late' | 'expired';

/**
 * @param jitter 0 to 1, fixed for one process: it spreads the early refreshes of a fleet.
 */
export function freshness(tokens: TokenSet, now: number, jitter: number): Freshness {
  if (tokens.expires_at === undefined) return 'fresh';
  const left = tokens.expires_at - now;
  if (left <= 0) return 'expired';
  const lifetime = Math.max(0, tokens.expires_at - tokens.issued_at);
  // A clock that was set back makes a token look longer-lived than it ever was.
  if (left > lifetime) return 'early';
  if (left <= Math.min(SKEW_MAX_MS, lifetime * SKEW_SHARE)) return 'late';
  const window = Math.min(Math.max(lifetime * EARLY_SHARE, EARLY_MIN_MS), EARLY_MAX_MS, lifetime / 2);
  return left <= window * (0.8 + 0.2 * jitter) ? 'early' : 'fresh';
}
