import type { CredentialsRepository, StoredCredentials } from '../credentials/credentials-repository.js';
import type { RecordChanges } from '../record/record-changes.js';
import { supersedes } from '../credentials/credentials.js';
import type { Grant, RefreshAttempt, TokenIdentity } from '../credentials/credentials.js';
import type { Dpop } from '../dpop/dpop.js';
import { AuthorizationRequiredError, TransientError } from '../errors.js';
import type { AuthorizationRequiredReason } from '../errors.js';
import type { ProcessIdentity } from '../ports/process-identity.js';
import { jittered } from '../time/sleep.js';
import { freshness } from './freshness.js';
import { LeaseObserver } from './lease-observer.js';
import { cooledDown, renewed } from './refresh-outcome.js';
import { requestRefresh } from './refresh-request.js';
import type { RefreshRequestOptions } from './refresh-request.js';

/** A refresh takes some hundred milliseconds: looking more often would cost a fleet of waiters more than it saves. */
const POLL_FIRST_MS = 100;
const POLL_MAX_MS = 500;
const LATE_SUCCESS_POLL_MS = 1_000;
/** A longer cool-down than any server may ask for was written by a clock that is wrong. */
const COOLDOWN_MAX_MS = 60 * 60_000;

export interface RefresherOptions extends RefreshRequestOptions {
  readonly repository: CredentialsRepository;
  readonly resource: string;
  readonly dpop: Dpop;
  readonly identity: ProcessIdentity | undefined;
  /** Makes a grant durable that was renewed in `durationMs`, or was lost by the store. Resolves with the one that counts. */
  readonly settle: (next: Grant, durationMs?: number) => Promise<Grant>;
  /** The server no longer knows this client. */
  readonly onClientRejected: (grant: Grant) => Promise<void>;
}

/**
 * Renews a grant, at most once across every process that shares the store. The lease is a field of the record that
 * it guards, written by the same compare-and-set: a store out of reach can't hand one out.
 */
export class Refresher {
  readonly #options: RefresherOptions;
  /** What the ids of its attempts begin with. */
  readonly #self = crypto.randomUUID();
  #attempts = 0;
  /** The last of them under which something was sent. */
  #sent: string | undefined;
  #isInFlight = false;

  constructor(options: RefresherOptions) {
    this.#options = options;
  }

  /**
   * Resolves with a newer grant than `base`, or with `base` where its token is still good and somebody else is at it.
   *
   * @param known What was read from the store a moment ago, which spares reading it again.
   * @throws {AuthorizationRequiredError | TransientError | StoreError}
   */
  async refresh(base: Grant, rejected: TokenIdentity | undefined, known?: StoredCredentials): Promise<Grant> {
    const changes = this.#options.repository.changes();
    try {
      return await this.#refreshOrJoin(base, rejected, known, changes);
    } finally {
      changes.end();
    }
  }

  async #refreshOrJoin(
    base: Grant,
    rejected: TokenIdentity | undefined,
    read: StoredCredentials | undefined,
    changes: RecordChanges,
  ): Promise<Grant> {
    const { repository, clock, timing, identity } = this.#options;
    const observer = new LeaseObserver(timing.leaseMs, clock, identity);
    const giveUpAt = clock.monotonic() + 2 * timing.leaseMs + timing.timeoutMs;
    let stored = read ?? (await repository.get());
    for (let polls = 0; ;) {
      const grant = this.#grantOf(stored);
      if (grant.grantId === base.grantId && grant.generation < base.generation) {
        // The store lost what this process still has, as a failover may: put it back.
        return await this.#options.settle(base);
      }
      const valid = supersedes(grant, rejected) && this.#isUnexpired(grant);
      if (valid && grant.status === 'active' && supersedes(grant, base)) return grant;
      this.#assertRenewable(grant, rejected);
      const cooldown = Math.max(0, (grant.cooldownUntil ?? 0) - clock.now());
      if (cooldown > 0 && cooldown <= COOLDOWN_MAX_MS) {
        if (valid) return grant;
        throw new TransientError(
          `${this.#options.resource}: renewing the token failed a moment ago.`,
          cooldown,
        );
      }
      if (grant.attempt && !this.#isOwnAndOver(grant.attempt) && !observer.isDead(grant.attempt)) {
        if (valid) return grant;
        if (clock.monotonic() > giveUpAt) {
          throw new TransientError(
            `${this.#options.resource}: another process has been renewing the token for too long.`,
          );
        }
        const pauses = { pollMs: pollMs(polls++), watchedMs: observer.pauseMs(grant.attempt) };
        observer.woke(await changes.next(pauses));
        stored = await repository.get();
        continue;
      }
      // Whoever can't prove itself must not take the lease from those who can.
      const { endpoint, keys, dpop, resource } = this.#options;
      await endpoint.assertAuthentication({ client: grant.client, server: grant.server, keys });
      await dpop.assertKey(grant, resource);
      const known = this.#withOwnDoubt(grant);
      const leased = await this.#lease(stored, known);
      if (leased.attempt) return await this.#attempt(known, leased.attempt, rejected);
      stored = leased.stored;
    }
  }

  async #lease(
    stored: StoredCredentials | null,
    grant: Grant,
  ): Promise<{ readonly attempt?: RefreshAttempt; readonly stored: StoredCredentials | null }> {
    const { repository, clock, timing, identity } = this.#options;
    if (!stored) return { stored };
    const isOwn = grant.attempt !== undefined && this.#isOwnAndOver(grant.attempt);
    const overtaken = isOwn ? grant.attempt.overtook : grant.attempt;
    const attempt: RefreshAttempt = {
      // Never the same twice: others may have watched the last one for a while.
      id: `${this.#self}-${String(++this.#attempts)}`,
      startedAt: clock.now(),
      holder: identity?.self,
      overtook: overtaken && { id: overtaken.id, holder: overtaken.holder },
    };
    const before = clock.monotonic();
    const result = await repository.put(stored, { ...stored.credentials, grant: { ...grant, attempt } });
    if (!result.ok) return { stored: result.stored };
    // This process was paused after it got the lease: sending now could overlap with whoever breaks it.
    if (clock.monotonic() - before > (timing.leaseMs - timing.timeoutMs) / 2) {
      return { stored: (await repository.put(result.stored, stored.credentials)).stored };
    }
    this.#sent = attempt.id;
    this.#isInFlight = true;
    return { attempt, stored: result.stored };
  }

  async #attempt(grant: Grant, attempt: RefreshAttempt, rejected: TokenIdentity | undefined): Promise<Grant> {
    const { settle, clock } = this.#options;
    const sentAt = clock.monotonic();
    // From here on the old refresh token may be spent: the outcome is heard and kept, whoever has gone away.
    const { client, ...outcome } = await requestRefresh(this.#options, grant).finally(() => {
      this.#isInFlight = false;
    });
    if (outcome.kind === 'renewed') {
      const next = renewed({ ...grant, client }, outcome.tokens);
      return await settle(next, Math.round(clock.monotonic() - sentAt));
    }
    const valid = supersedes(grant, rejected) && this.#isUnexpired(grant);
    if (outcome.kind === 'refused' && !valid) return await this.#refused(grant, attempt, outcome.reason);
    // A server may refuse a refresh that comes too early, while the token is good: that is not its last word.
    const error =
      outcome.kind === 'failed'
        ? outcome.error
        : new TransientError(`${grant.server.issuer} refused to renew a token that is still valid.`);
    const now = await this.#report(grant, attempt, (current) => cooledDown(current, error, clock.now()));
    if (supersedes(now, grant) && now.status === 'active' && this.#isUnexpired(now)) return now;
    if (valid) return grant;
    throw error;
  }

  /** Marks the grant, and never deletes it: a late success of somebody else takes the mark away. */
  async #refused(grant: Grant, attempt: RefreshAttempt, reason: AuthorizationRequiredReason): Promise<Grant> {
    const late = await this.#lateSuccess(grant, attempt);
    if (late) return late;
    const inDoubt = attempt.overtook !== undefined || (grant.inDoubt ?? 0) > 0;
    const shown = reason === 'grant_rejected' && inDoubt ? 'outcome_unknown' : reason;
    const now = await this.#report(grant, attempt, (current) => ({
      ...current,
      attempt: undefined,
      status: 'reauth_required',
      reason: shown,
    }));
    if (supersedes(now, grant)) return now;
    if (reason === 'client_rejected') await this.#options.onClientRejected(grant);
    throw new AuthorizationRequiredError(this.#options.resource, shown);
  }

  /** Waits while a holder that was overtaken, and may have spent our refresh token, can still bring the new one. */
  async #lateSuccess(grant: Grant, attempt: RefreshAttempt): Promise<Grant | undefined> {
    const { repository, clock, timing, identity } = this.#options;
    const observer = new LeaseObserver(timing.leaseMs, clock, identity);
    const until = clock.monotonic() + timing.leaseMs;
    if (!attempt.overtook) return undefined;
    const changes = repository.changes();
    try {
      for (let polls = 0; clock.monotonic() < until;) {
        const current = this.#grantOf(await repository.get());
        if (supersedes(current, grant)) return current;
        const unreported = current.attempt?.id === attempt.id && current.attempt.overtook !== undefined;
        if (!unreported || !observer.mayBeAlive(attempt.overtook.holder)) return undefined;
        const left = Math.max(until - clock.monotonic(), 0);
        await changes.next({ pollMs: pollMs(polls++), watchedMs: Math.min(left, LATE_SUCCESS_POLL_MS) });
      }
      return undefined;
    } finally {
      changes.end();
    }
  }

  /** Writes how this attempt ended, as far as the record is still about it. Resolves with what stands there then. */
  async #report(grant: Grant, attempt: RefreshAttempt, ended: (current: Grant) => Grant): Promise<Grant> {
    const stored = await this.#options.repository.change((current) => {
      if (!current?.grant || supersedes(current.grant, grant)) return undefined;
      if (current.grant.attempt?.id === attempt.id) return { ...current, grant: ended(current.grant) };
      if (current.grant.attempt?.overtook?.id !== attempt.id) return undefined;
      return {
        ...current,
        grant: { ...current.grant, attempt: { ...current.grant.attempt, overtook: undefined } },
      };
    });
    return this.#grantOf(stored);
  }

  #grantOf(stored: StoredCredentials | null): Grant {
    if (stored?.credentials.grant) return stored.credentials.grant;
    throw new AuthorizationRequiredError(this.#options.resource, 'no_grant');
  }

  #assertRenewable(grant: Grant, rejected: TokenIdentity | undefined): void {
    const { resource } = this.#options;
    if (grant.status === 'reauth_required') {
      throw new AuthorizationRequiredError(resource, grant.reason ?? 'grant_rejected');
    }
    if (grant.tokens.refresh_token === undefined) {
      throw new AuthorizationRequiredError(
        resource,
        supersedes(grant, rejected) ? 'expired' : 'token_refused',
      );
    }
  }

  /**
   * Whether it is an attempt of this process that has ended without the record knowing, since the store failed: when
   * its lease was written, so that nothing was sent, or when its end was to be.
   */
  #isOwnAndOver(attempt: RefreshAttempt): boolean {
    return attempt.id.startsWith(this.#self) && !(this.#isInFlight && attempt.id === this.#sent);
  }

  /** The grant, knowing that an attempt of this process may have spent its refresh token. */
  #withOwnDoubt(grant: Grant): Grant {
    const { attempt } = grant;
    const isDoubtful = attempt?.id === this.#sent && attempt !== undefined && this.#isOwnAndOver(attempt);
    return isDoubtful ? { ...grant, inDoubt: (grant.inDoubt ?? 0) + 1 } : grant;
  }

  #isUnexpired(grant: Grant): boolean {
    return freshness(grant.tokens, this.#options.clock.now(), 0) !== 'expired';
  }
}

function pollMs(polls: number): number {
  return jittered(Math.min(POLL_FIRST_MS * 2 ** polls, POLL_MAX_MS));
}
