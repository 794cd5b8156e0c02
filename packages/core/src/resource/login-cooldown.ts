import type { TokenIdentity } from '../credentials/credentials.js';
import { TransientError } from '../errors.js';
import type { Clock } from '../time/clock.js';

const FIRST_MS = 60_000;
const MAX_MS = 10 * 60_000;
const MAX_OPERATIONS = 32;

interface Refusal {
  /** The login whose tokens were refused last. */
  readonly grantId: string;
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
  /** How many logins in a row have changed nothing. */
  readonly vain: number;
}

/**
 * Keeps an MCP server that refuses every token from having a person log in again and again: hosts react to "log in" in a
 * loop, and where the authorization server remembers the person, each turn is a page that opens and goes by itself. After a
 * login whose tokens were refused like those of the one before, nobody is asked for a minute, then for two, then four. By
 * kind of call, as many servers answer some of them whatever token comes.
 */
export class LoginCooldown {
  readonly #clock: Clock;
  readonly #resource: string;
  readonly #refusals = new Map<string, Refusal>();

  constructor(clock: Clock, resource: string) {
    this.#clock = clock;
    this.#resource = resource;
  }

  /** Whether nothing was refused lately. */
  get isIdle(): boolean {
    return this.#refusals.size === 0;
  }

  /**
   * The MCP server refuses the tokens of this login, renewed ones too.
   *
   * @throws {TransientError} another login would be no better: nobody is to be asked now.
   */
  assertWorthwhile(operation: string, { grantId }: TokenIdentity): void {
    const now = this.#clock.monotonic();
    const before = this.#current(operation, now);
    const isNew = before?.grantId !== grantId;
    const vain = before ? before.vain + Number(isNew) : 0;
    const at = before && !isNew ? before.at : now;
    this.#refusals.delete(operation);
    this.#refusals.set(operation, { grantId, at, vain });
    this.#dropOldest();
    const leftMs = vain === 0 ? 0 : at + lengthMs(vain) - now;
    if (leftMs <= 0) return;
    throw new TransientError(
      `${this.#resource} refuses the tokens of a new login, as it did those of the one before. Logging in again would not ` +
        `help: nobody is asked for ${String(Math.ceil(leftMs / 1_000))} s. Tell whoever runs that server.`,
      leftMs,
    );
  }

  /** The MCP server took a token for such a call. */
  worked(operation: string): void {
    this.#refusals.delete(operation);
  }

  #current(operation: string, now: number): Refusal | undefined {
    const refusal = this.#refusals.get(operation);
    return refusal && now - refusal.at < 2 * MAX_MS ? refusal : undefined;
  }

  #dropOldest(): void {
    for (const oldest of this.#refusals.keys()) {
      if (this.#refusals.size <= MAX_OPERATIONS) return;
      this.#refusals.delete(oldest);
    }
  }
}

function lengthMs(vain: number): number {
  return Math.min(FIRST_MS * 2 ** (vain - 1), MAX_MS);
}
