import type { TokenIdentity } from '../credentials/credentials.js';
import { TransientError } from '../errors.js';
import type { Clock } from '../time/clock.js';

/** A login whose tokens are refused this soon has changed nothing. */
const TRIAL_MS = 2 * 60_000;
const FIRST_MS = 60_000;
const MAX_MS = 10 * 60_000;
const MAX_OPERATIONS = 32;

/** The login in use, as this process has seen it so far. */
interface SeenLogin {
  readonly grantId: string;
  /** When it was first used here. Milliseconds of the monotonic clock, as all here. */
  readonly since: number;
  hasWorked: boolean;
  isCounted: boolean;
}

/**
 * Keeps an MCP server that refuses every token from having a person log in again and again: hosts react to "log in" in a
 * loop, and where the authorization server remembers the person, each turn is a page that opens and goes by itself. When the
 * tokens of two logins in a row, whoever made them, were refused within two minutes and did nothing before, nobody is asked
 * for a minute; after the next one for two, then four.
 */
export class LoginCooldown {
  readonly #clock: Clock;
  readonly #resource: string;
  #login: SeenLogin | undefined;
  /** How many logins in a row have changed nothing. */
  #vain = 0;
  #until = -Infinity;
  /** The kinds of calls that were refused: some servers answer others whatever token comes. */
  readonly #refused = new Set<string>();
  #watchedUntil = -Infinity;

  constructor(clock: Clock, resource: string) {
    this.#clock = clock;
    this.#resource = resource;
  }

  /** A token of this login is about to be used. */
  seen({ grantId }: TokenIdentity): void {
    if (this.#login?.grantId === grantId) return;
    this.#login = { grantId, since: this.#clock.monotonic(), hasWorked: false, isCounted: false };
  }

  /** Whether it matters which kind of call works. */
  get isWatching(): boolean {
    return this.#clock.monotonic() < this.#watchedUntil;
  }

  /** The MCP server took a token of this login. */
  worked({ grantId }: TokenIdentity, operation?: string): void {
    if (this.#login?.grantId !== grantId) return;
    this.#login.hasWorked = true;
    if (operation !== undefined && this.#refused.delete(operation)) this.#begin();
  }

  /** The MCP server refuses a token of this login that has not ended, in a call of this kind where that is known. */
  refused({ grantId }: TokenIdentity, operation?: string): void {
    const now = this.#clock.monotonic();
    if (now >= this.#watchedUntil) this.#refused.clear();
    const isRepeated = operation !== undefined && this.#refused.has(operation);
    if (operation !== undefined && this.#refused.size < MAX_OPERATIONS) this.#refused.add(operation);
    this.#watchedUntil = Math.max(now, this.#until) + MAX_MS;
    const login = this.#login;
    // An answer to a token of before says nothing about this one.
    if (login?.grantId !== grantId || login.isCounted) return;
    const hasLasted = now - login.since >= TRIAL_MS;
    if (hasLasted || now - this.#until > MAX_MS) this.#begin();
    if (hasLasted || (login.hasWorked && !isRepeated)) return;
    login.isCounted = true;
    this.#vain++;
    this.#until = now + lengthMs(this.#vain);
    this.#watchedUntil = this.#until + MAX_MS;
  }

  /**
   * For whoever is about to have a person asked, and is no person.
   *
   * @throws {TransientError} another login would be no better than the last ones.
   */
  assertOver(): void {
    const leftMs = this.#until - this.#clock.monotonic();
    if (leftMs <= 0) return;
    throw new TransientError(
      `${this.#resource} refuses the tokens of a new login, as it did those of the one before. Logging in again would not ` +
        `help: nobody is asked for ${String(Math.ceil(leftMs / 1_000))} s. Tell whoever runs that server.`,
      leftMs,
    );
  }

  /** A person has ended the login, or it is another server's turn. */
  forget(): void {
    this.#begin();
    this.#login = undefined;
    this.#refused.clear();
    this.#watchedUntil = -Infinity;
  }

  #begin(): void {
    this.#vain = 0;
    this.#until = -Infinity;
  }
}

function lengthMs(vain: number): number {
  return vain < 2 ? 0 : Math.min(FIRST_MS * 2 ** (vain - 2), MAX_MS);
}
