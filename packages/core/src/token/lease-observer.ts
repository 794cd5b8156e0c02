import type { ProcessIdentity } from '../ports/process-identity.js';
import type { Clock } from '../time/clock.js';
import { jittered } from '../time/sleep.js';

/** By how much machines' clocks may differ before a lease's own date is believed. */
const MAX_SKEW_MS = 60_000;
/** How long even a lease of long ago is watched, lest a clock that jumped breaks a living one. */
const MIN_WATCH_MS = 5_000;
/** A timer this late means that this process slept and saw nothing in between. */
const SLEPT_MS = 1_000;
const MISSED_WORD_MS = 2_000;
const NEIGHBOUR_MS = 500;
/** Waiters that saw the same lease begin do not all break it in the same moment. */
const SPREAD_MS = 100;

export interface Lease {
  readonly id: string;
  readonly startedAt: number;
  readonly holder?: string | undefined;
  /** How long it may be held, in milliseconds, where its holder needs another time than usual. */
  readonly lengthMs?: number | undefined;
}

/**
 * Judges whether the holder of a lease is gone. A date alone proves nothing between machines, so a lease is dead when
 * this process has watched the same one for its whole length, or knows that the holder's process has ended.
 */
export class LeaseObserver {
  readonly #leaseMs: number;
  readonly #clock: Clock;
  readonly #identity: ProcessIdentity | undefined;
  #watched: { readonly id: string; since: number } | undefined;

  constructor(leaseMs: number, clock: Clock, identity: ProcessIdentity | undefined) {
    this.#leaseMs = leaseMs;
    this.#clock = clock;
    this.#identity = identity;
  }

  isDead(lease: Lease): boolean {
    const now = this.#clock.monotonic();
    if (this.#watched?.id !== lease.id) this.#watched = { id: lease.id, since: now };
    const alive = this.#aliveness(lease.holder);
    if (alive === false) return true;
    const watchedMs = now - this.#watched.since;
    const lengthMs = lease.lengthMs ?? this.#leaseMs;
    if (watchedMs >= lengthMs) return true;
    const outdated = lease.startedAt + lengthMs + MAX_SKEW_MS < this.#clock.now();
    return outdated && alive !== true && watchedMs >= MIN_WATCH_MS;
  }

  /**
   * How long it makes sense to wait for a word of the holder before the lease is judged again, in milliseconds: until
   * it would be dead, and no longer than a word may be missed. A holder on this machine may end at any moment.
   */
  pauseMs(lease: Lease): number {
    const watchedMs = this.#clock.monotonic() - (this.#watched?.since ?? 0);
    const longest = this.#aliveness(lease.holder) === undefined ? MISSED_WORD_MS : NEIGHBOUR_MS;
    return Math.min(
      jittered(longest),
      Math.max((lease.lengthMs ?? this.#leaseMs) - watchedMs, 0) + jittered(SPREAD_MS),
    );
  }

  /** Begins the watch anew after a sleep that took longer than it should: nothing was seen meanwhile. */
  woke(lateMs: number): void {
    if (lateMs > SLEPT_MS && this.#watched) this.#watched.since = this.#clock.monotonic();
  }

  /** `false` only where the holder's process is known to have ended. */
  #aliveness(holder: string | undefined): boolean | undefined {
    return holder === undefined ? undefined : this.#identity?.isAlive(holder);
  }

  mayBeAlive(holder: string | undefined): boolean {
    return this.#aliveness(holder) !== false;
  }
}
