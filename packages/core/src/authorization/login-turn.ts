import type { CredentialsRepository } from '../credentials/credentials-repository.js';
import type { RecordChanges } from '../record/record-changes.js';
import type { Credentials, Grant, LoginMark, TokenRefusal } from '../credentials/credentials.js';
import {
  AuthorizationDeniedError,
  AuthorizationTimeoutError,
  StoreError,
  TransientError,
} from '../errors.js';
import { tokenRefused } from '../machine-login/token-refusal.js';
import type { ProcessIdentity } from '../ports/process-identity.js';
import { randomToken } from '../session-key/digest.js';
import type { Clock } from '../time/clock.js';
import { jittered } from '../time/sleep.js';
import { LeaseObserver } from '../token/lease-observer.js';

const POLL_MS = 250;
const WATCHED_POLL_MS = 1_000;
/** Longer than the holder's own deadline, so that a living login is never taken for a dead one. */
const GRACE_MS = 30_000;

export interface LoginTurnOptions {
  readonly repository: CredentialsRepository;
  readonly clock: Clock;
  readonly identity: ProcessIdentity | undefined;
  readonly resource: string;
  readonly profile: string;
  /** How long one login may take. */
  readonly timeoutMs: number;
}

export type LoginEnding = Exclude<LoginMark['ended'], undefined>;

/** It is ours to log the person in. */
export interface OwnTurn {
  readonly kind: 'ours';
  readonly mark: LoginMark;
  readonly credentials: Credentials;
}

export type Turn =
  | OwnTurn
  /** Somebody else's login gave this. */
  | { readonly kind: 'joined'; readonly grant: Grant };

/**
 * Sees to it that a session key has one login at a time, across processes: whoever comes second waits for the first
 * instead of opening another tab. The mark is a field of the credentials record, like the lease of a refresh.
 */
export class LoginTurn {
  readonly #options: LoginTurnOptions;
  readonly #observer: LeaseObserver;

  constructor(options: LoginTurnOptions) {
    this.#options = options;
    this.#observer = new LeaseObserver(options.timeoutMs + GRACE_MS, options.clock, options.identity);
  }

  /**
   * @throws {AuthorizationDeniedError | AuthorizationTimeoutError | TokenRequestError | TransientError} as the login that
   *   was waited for ended.
   */
  async take(isAcceptable: (grant: Grant) => boolean | Promise<boolean>, signal: AbortSignal): Promise<Turn> {
    const changes = this.#options.repository.changes();
    try {
      return await this.#takeOrJoin(isAcceptable, changes, signal);
    } finally {
      changes.end();
    }
  }

  async #takeOrJoin(
    isAcceptable: (grant: Grant) => boolean | Promise<boolean>,
    changes: RecordChanges,
    signal: AbortSignal,
  ): Promise<Turn> {
    const { repository, clock, identity, resource, profile, timeoutMs } = this.#options;
    const mark: LoginMark = { id: crypto.randomUUID(), startedAt: clock.now(), holder: identity?.self };
    let awaited: string | undefined;
    let stored = await repository.get();
    for (;;) {
      const current = stored?.credentials;
      if (current?.grant && (await isAcceptable(current.grant)))
        return { kind: 'joined', grant: current.grant };
      const login = current?.login;
      if (login && login.id === awaited) {
        if (login.ended === 'denied') throw new AuthorizationDeniedError(resource, 'access_denied');
        if (login.ended === 'failed') throw new AuthorizationTimeoutError(resource, timeoutMs);
        if (login.ended === 'refused' && login.refusal) throw tokenRefused(login.refusal);
        if (login.ended === 'transient') throw elsewhere(resource);
      }
      if (login && login.ended === undefined && !this.#observer.isDead(login)) {
        awaited = login.id;
        this.#observer.woke(
          await changes.next({ pollMs: jittered(POLL_MS), watchedMs: jittered(WATCHED_POLL_MS), signal }),
        );
        stored = await repository.get();
        continue;
      }
      const credentials = { ...(current ?? { resource, profile, epoch: randomToken(16) }), login: mark };
      const result = await repository.put(stored, credentials);
      if (result.ok) return { kind: 'ours', mark, credentials };
      stored = result.stored;
    }
  }

  /** Tells the processes that wait that this login may take longer than theirs. @throws {StoreError} */
  async prolong(mark: LoginMark, timeoutMs: number): Promise<void> {
    await this.#options.repository.change((current) =>
      current?.login?.id === mark.id
        ? { ...current, login: { ...current.login, lengthMs: timeoutMs + GRACE_MS } }
        : undefined,
    );
  }

  /**
   * Tells the processes that wait how this login ended. `abandoned`: one of them goes on in our place.
   * A store that fails here must not hide why the login ended, and the mark runs out by itself.
   */
  async end(mark: LoginMark, ended: LoginEnding, refusal?: TokenRefusal): Promise<void> {
    try {
      await this.#options.repository.change((current) =>
        current?.login?.id === mark.id
          ? { ...current, login: { ...current.login, ended, refusal } }
          : undefined,
      );
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
  }
}

function elsewhere(resource: string): TransientError {
  return new TransientError(`${resource}: another process could not log in a moment ago. Try again.`);
}
