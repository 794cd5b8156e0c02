/** One request to a token endpoint. Tokens go by names. */
export interface TokenRequest {
  /** When it came: milliseconds since the epoch. */
  readonly at: number;
  readonly grantType?: string | undefined;
  readonly presented?: string | undefined;
  readonly issued?: readonly string[] | undefined;
}

export interface TokenRequestCounts {
  readonly codeExchanges: number;
  /** The first of each token that was old enough, for one that has ended or for one that soon will. */
  readonly dueRefreshes: number;
  /** Of a token that was refreshed before, or that was young. */
  readonly needlessRefreshes: number;
}

/** Clients renew from half of a life on. The other quarter is for requests that were long on their way. */
const YOUNG_SHARE = 0.25;

/**
 * Tells the refreshes that the passing of time explains from all others, so that a slow machine, where tokens are
 * renewed early, counts as many of the others as a fast one: none.
 */
export function countTokenRequests(
  requests: readonly TokenRequest[],
  tokenSeconds: number,
): TokenRequestCounts {
  const youngMs = tokenSeconds * 1_000 * YOUNG_SHARE;
  const issuedAt = new Map<string, number>();
  const refreshed = new Set<string>();
  const counts = { codeExchanges: 0, dueRefreshes: 0, needlessRefreshes: 0 };
  for (const { at, grantType, presented = 'unknown', issued = [] } of requests) {
    if (grantType === 'authorization_code') counts.codeExchanges += 1;
    if (grantType === 'refresh_token') {
      const ageMs = at - (issuedAt.get(presented) ?? at);
      if (ageMs < youngMs || refreshed.has(presented)) counts.needlessRefreshes += 1;
      else counts.dueRefreshes += 1;
      refreshed.add(presented);
    }
    for (const name of issued) issuedAt.set(name, at);
  }
  return counts;
}

/** How many refreshes the end of one token has cost. Where those who use the next are slow, it may fall due as well. */
export function refreshesForOneExpiry(before: TokenRequestCounts, after: TokenRequestCounts): number {
  const due = after.dueRefreshes - before.dueRefreshes;
  return Math.min(due, 1) + after.needlessRefreshes - before.needlessRefreshes;
}

/** When the newest access token ends: milliseconds since the epoch. */
export function tokensEndAt(requests: readonly TokenRequest[], tokenSeconds: number): number {
  const issued = requests.filter((request) => (request.issued ?? []).length > 0).map(({ at }) => at);
  return Math.max(0, ...issued) + tokenSeconds * 1_000;
}
