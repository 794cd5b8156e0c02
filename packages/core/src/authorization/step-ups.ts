import type { CredentialsRepository } from '../credentials/credentials-repository.js';
import type { Credentials, Grant } from '../credentials/credentials.js';
import { AuthorizationDeniedError, StepUpExhaustedError, StoreError } from '../errors.js';
import type { Clock } from '../time/clock.js';
import { abortable } from '../time/sleep.js';
import { currentNotes, isDeclined, judgeStepUp, openScope, withDenial } from './step-up-rules.js';
import type { RefusedCall, StepUpVerdict } from './step-up-rules.js';

/** A forgotten client and a server in trouble (RFC 6749 section 4.1.2.1): the same scopes may be granted next time. */
const NOBODYS_NO = new Set([
  'malformed_response',
  'invalid_client',
  'unauthorized_client',
  'server_error',
  'temporarily_unavailable',
]);

/** Whether a login ended by a no to what it asked for, and not by trouble that may be over when it is begun again. */
export function isNo(error: unknown): error is AuthorizationDeniedError {
  return error instanceof AuthorizationDeniedError && !NOBODYS_NO.has(error.error);
}

/**
 * Remembers, in the credentials record and so for all processes, for which calls a person was asked to grant more.
 *
 * The new grant takes the place of the old one, whose tokens are not revoked: servers may end the whole consent with
 * any one of its tokens (RFC 7009 section 2.1), and with it what was just granted. They run out.
 */
export class StepUps {
  readonly #repository: CredentialsRepository;
  readonly #clock: Clock;
  readonly #resource: string;

  constructor(repository: CredentialsRepository, clock: Clock, resource: string) {
    this.#repository = repository;
    this.#clock = clock;
    this.#resource = resource;
  }

  /**
   * The scopes to ask a person for after a call was refused for want of some, together with those that `grant` has.
   *
   * @throws {StepUpExhaustedError} nobody is to be asked.
   * @throws {StoreError} it can't be remembered: asking anyway would be asking without a bound.
   */
  async request(call: RefusedCall, grant: Grant, signal: AbortSignal | undefined): Promise<string> {
    const verdict = await abortable(this.#judged(call, grant), signal);
    if (verdict.kind === 'ask') return verdict.scope;
    throw new StepUpExhaustedError(this.#resource, verdict.reason, call.scope, verdict.retryAfterMs);
  }

  async #judged(call: RefusedCall, grant: Grant): Promise<StepUpVerdict> {
    let verdict: StepUpVerdict | undefined;
    await this.#repository.change((current) => {
      const now = this.#clock.now();
      const known = currentNotes(current ?? undefined, now);
      verdict = judgeStepUp(call, grant, known, now);
      const noted = verdict.kind === 'ask' ? verdict.noted : undefined;
      return current && noted ? { ...current, stepUps: [...known, noted] } : undefined;
    });
    return verdict ?? { kind: 'ask', scope: call.scope ?? '' };
  }

  /** Remembers how a login ended, where that says something about what it asked for on top of the grant. */
  async ended(error: unknown, requested: string | undefined): Promise<void> {
    if (isNo(error)) await this.declined(requested);
  }

  /** Remembers that a person, or the server of a session without one, said no to more scopes. */
  async declined(requested: string | undefined): Promise<void> {
    if (requested === undefined) return;
    try {
      await this.#repository.change((current) => {
        if (current?.grant?.status !== 'active') return undefined;
        const now = this.#clock.now();
        const stepUps = withDenial(currentNotes(current, now), requested, current.grant, now);
        return stepUps && { ...current, stepUps };
      });
    } catch (error) {
      // That somebody said no is what the caller has to hear.
      if (!(error instanceof StoreError)) throw error;
    }
  }

  /** @throws {AuthorizationDeniedError} a person has declined these scopes a while ago: a program must not ask again. */
  async assertNotDeclined(wanted: string): Promise<void> {
    const credentials = (await this.#repository.get())?.credentials;
    if (credentials?.grant?.status !== 'active') return;
    if (isDeclined(wanted, credentials.grant, currentNotes(credentials, this.#clock.now()))) {
      throw new AuthorizationDeniedError(this.#resource, 'access_denied');
    }
  }

  /** What a login should ask for on top of the grant that stands in this record, whichever process was told so. */
  wanted(credentials: Credentials | undefined): string | undefined {
    return credentials?.grant && openScope(credentials.grant, currentNotes(credentials, this.#clock.now()));
  }
}
