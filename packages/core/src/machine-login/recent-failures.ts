import { DpopUnsupportedError, LimitExceededError, TokenRequestError, TransientError } from '../errors.js';
import type { SessionSettings } from '../session/session-settings.js';
import type { Clock } from '../time/clock.js';
import { jittered } from '../time/sleep.js';
import { tokenRefused } from './token-refusal.js';

/** A server that said no would say it again; whoever repairs that takes longer. */
const REFUSED_MS = 60_000;
const BACKOFF_FIRST_MS = 1_000;
const BACKOFF_MAX_MS = 60_000;

/** Also a token that was given and is of no use: without a pause every call would have another one made. */
type MemorableError = TokenRequestError | TransientError | LimitExceededError | DpopUnsupportedError;

interface Failure {
  /** What was asked for, and how: something else is another question. */
  readonly about: string;
  readonly error: MemorableError;
  /** Milliseconds of the monotonic clock. */
  readonly until: number;
  readonly failures: number;
}

/** Remembers for a while, for each session, that a token could not be had, so that no call asks in vain for each request. */
export class RecentFailures {
  readonly #clock: Clock;
  readonly #failures = new WeakMap<object, Failure>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @throws {TokenRequestError | TransientError | LimitExceededError | DpopUnsupportedError} what was said a moment ago, to
   *   the same settings.
   */
  assertNone(session: object, settings: SessionSettings, scope: string | undefined): void {
    const failure = this.#failures.get(session);
    if (failure?.about !== subjectOf(settings, scope)) return;
    const leftMs = Math.ceil(failure.until - this.#clock.monotonic());
    if (leftMs <= 0) return;
    const { error } = failure;
    if (error instanceof TransientError) throw new TransientError(error.message, leftMs);
    if (!(error instanceof TokenRequestError)) throw error;
    const again = ` a moment ago; it is asked again in ${String(Math.ceil(leftMs / 1_000))} s`;
    const { issuer, error: code, status } = error;
    throw tokenRefused({ issuer, problem: 'refused to give a token', error: code, status }, again);
  }

  remember(session: object, settings: SessionSettings, scope: string | undefined, error: unknown): void {
    const now = this.#clock.monotonic();
    const failures = (this.#failures.get(session)?.failures ?? 0) + 1;
    const about = { about: subjectOf(settings, scope), failures };
    if (error instanceof TokenRequestError) {
      this.#failures.set(session, { ...about, error, until: now + REFUSED_MS });
    } else if (isMemorable(error)) {
      const backoff = jittered(Math.min(BACKOFF_FIRST_MS * 2 ** (failures - 1), BACKOFF_MAX_MS));
      const asked = error instanceof TransientError ? (error.retryAfterMs ?? 0) : 0;
      this.#failures.set(session, { ...about, error, until: now + Math.max(asked, backoff) });
    }
  }

  forget(session: object): void {
    this.#failures.delete(session);
  }
}

function isMemorable(error: unknown): error is Exclude<MemorableError, TokenRequestError> {
  return (
    error instanceof TransientError ||
    error instanceof LimitExceededError ||
    (error instanceof DpopUnsupportedError && error.reason === 'not_bound')
  );
}

/** What a host would change to have another try. Stays in memory, beside the settings themselves. */
function subjectOf(settings: SessionSettings, scope: string | undefined): string {
  return JSON.stringify([settings, scope]);
}
