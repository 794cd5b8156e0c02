import { TransientError } from '../errors.js';
import type { Clock } from '../time/clock.js';

/** A login whose tokens do nothing for so long has changed nothing. */
const TRIAL_MS = 2 * 60_000;
const FIRST_MS = 60_000;
const MAX_MS = 10 * 60_000;

/**
 * Keeps an MCP server that refuses every token from having a person log in again and again: hosts react to "log in" in a
 * loop, and where the authorization server remembers the person, each turn is a page that opens and goes by itself. When two
 * logins in a row were followed by nothing but the wish for another one, nobody is asked for a minute, after the next one
 * for two, then four. What is counted are logins that this process knows of, not calls: any number of them may fail at once.
 */
export class LoginCooldown {
  readonly #clock: Clock;
  readonly #resource: string;
  /** When the last login ended, until another one was wanted after it. Milliseconds of the monotonic clock, as all here. */
  #loginAt: number | undefined;
  /** How many logins in a row have changed nothing. */
  #vain = 0;
  #until = -Infinity;
  #watchedUntil = -Infinity;
  /** The kind of call that a login was wanted for: some servers answer others whatever token comes. */
  #refused: string | undefined;

  constructor(clock: Clock, resource: string) {
    this.#clock = clock;
    this.#resource = resource;
  }

  /** Whether it matters that a call works. */
  get isWatching(): boolean {
    return this.#clock.monotonic() < this.#watchedUntil;
  }

  loggedIn(): void {
    this.#loginAt = this.#clock.monotonic();
    this.#watchedUntil = this.#loginAt + TRIAL_MS;
  }

  /** The MCP server took a token for such a call. */
  worked(operation: string): void {
    if (this.#refused === undefined || this.#refused === operation) this.forget();
  }

  forget(): void {
    this.#loginAt = undefined;
    this.#vain = 0;
    this.#until = -Infinity;
    this.#watchedUntil = -Infinity;
    this.#refused = undefined;
  }

  /** A call, of this kind where that is known, got nowhere without another login. */
  wanted(operation?: string): void {
    const now = this.#clock.monotonic();
    const isVain = this.#loginAt !== undefined && now - this.#loginAt < TRIAL_MS;
    const isOver = this.#vain > 0 && now - this.#until > MAX_MS;
    if (isOver || (this.#loginAt !== undefined && !isVain)) this.#vain = 0;
    if (isVain) {
      this.#vain++;
      this.#until = now + lengthMs(this.#vain);
    }
    this.#loginAt = undefined;
    this.#refused = operation ?? this.#refused;
    this.#watchedUntil = Math.max(now, this.#until) + TRIAL_MS;
  }

  /**
   * For whoever is about to have a person asked, and is no person.
   *
   * @throws {TransientError} another login would be no better than the last ones.
   */
  assertWorthwhile(operation?: string): void {
    this.wanted(operation);
    const leftMs = this.#until - this.#clock.monotonic();
    if (leftMs <= 0) return;
    throw new TransientError(
      `${this.#resource} refuses the tokens of a new login, as it did those of the one before. Logging in again would not ` +
        `help: nobody is asked for ${String(Math.ceil(leftMs / 1_000))} s. Tell whoever runs that server.`,
      leftMs,
    );
  }
}

function lengthMs(vain: number): number {
  return vain < 2 ? 0 : Math.min(FIRST_MS * 2 ** (vain - 2), MAX_MS);
}
