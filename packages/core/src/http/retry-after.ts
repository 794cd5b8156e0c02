const MAX_MS = 60 * 60_000;

/** Milliseconds to wait (RFC 9110 section 10.2.3), at most an hour; `undefined` for no header or a senseless one. */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (!value) return undefined;
  const ms = /^\d{1,10}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now;
  return Number.isFinite(ms) && ms >= 0 ? Math.min(ms, MAX_MS) : undefined;
}
