import { InvalidConfigError } from '../errors.js';

export interface RefreshOptions {
  /**
   * How long a token request may take, in milliseconds. Default 30 000. A refresh that times out may have been done
   * at the server, and its token be lost: better too long than too short.
   */
  readonly timeoutMs?: number;
  /** How long a refresh may be held by one process before another takes over, in milliseconds. Default 60 000. */
  readonly leaseMs?: number;
}

export interface RefreshTiming {
  readonly timeoutMs: number;
  readonly leaseMs: number;
}

/** @throws {InvalidConfigError} where a lease could end while its request may still be answered. */
export function refreshTiming({ timeoutMs = 30_000, leaseMs = 60_000 }: RefreshOptions = {}): RefreshTiming {
  if (!(timeoutMs >= 1) || !(leaseMs >= 2 * timeoutMs)) {
    throw new InvalidConfigError(
      `refresh.leaseMs (${String(leaseMs)}) must be at least twice refresh.timeoutMs (${String(timeoutMs)}), which must be positive.`,
    );
  }
  return { timeoutMs, leaseMs };
}
