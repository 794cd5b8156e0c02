import type { CredentialsRepository, StoredCredentials } from '../credentials/credentials-repository.js';
import { supersedes } from '../credentials/credentials.js';
import type { Grant, TokenIdentity } from '../credentials/credentials.js';
import { AuthorizationRequiredError, OAuthClientError, StoreError, TransientError } from '../errors.js';
import type { AnyOAuthClientError } from '../errors.js';
import type { Emit } from '../events.js';
import type { Clock } from '../time/clock.js';
import { abortable, sleep } from '../time/sleep.js';
import { freshness } from './freshness.js';
import type { Freshness } from './freshness.js';
import { commitGrant } from './grant-commit.js';
import { leavesGrant } from './refresh-outcome.js';
import { Refresher } from './refresher.js';
import type { RefresherOptions } from './refresher.js';

/** How old memory may be before the store is asked, in the background, whether it still holds. */
const REVALIDATE_MS = 5_000;
const SAVE_TRIES = 3;
const SAVE_FIRST_MS = 100;
const SAVE_MAX_MS = 5_000;
const SAVE_CLOSING_MS = 250;
/** After so many answers that were of no use, a caller gets an error instead of another try. */
const MAX_ROUNDS = 3;

export interface GrantKeeperOptions extends Omit<RefresherOptions, 'settle'> {
  readonly emit: Emit;
  /** Gives back, at the server, what came too late to be kept. */
  readonly discard: (grant: Grant) => Promise<void>;
}

/** Holds the grant of one session key in memory, and sees to it that it is fresh, shared and stored. */
export class GrantKeeper {
  readonly #options: GrantKeeperOptions;
  readonly #repository: CredentialsRepository;
  readonly #clock: Clock;
  readonly #refresher: Refresher;
  readonly #jitter = Math.random();
  #held: Grant | undefined;
  /** Counts what was taken over and forgotten: what was read before that says nothing now. */
  #epoch = 0;
  /** The last one that was renewed here. */
  #ours: Grant | undefined;
  #checkedAt = -Infinity;
  #loading: Promise<StoredCredentials | null> | undefined;
  #refreshing: Promise<Grant> | undefined;
  #revalidating: Promise<void> | undefined;
  #saving: Promise<void> | undefined;
  readonly #draining = new AbortController();

  constructor(options: GrantKeeperOptions) {
    this.#options = options;
    this.#repository = options.repository;
    this.#clock = options.clock;
    this.#refresher = new Refresher({
      ...options,
      settle: (next, durationMs) => this.#settle(next, durationMs),
    });
  }

  /** Whether something is under way that must not be forgotten. */
  get isBusy(): boolean {
    return Boolean(this.#refreshing ?? this.#saving ?? this.#loading);
  }

  /**
   * A grant whose token is good, and is another one than `rejected`.
   *
   * @throws {AuthorizationRequiredError | TransientError | StoreError}
   */
  async current(rejected?: TokenIdentity, signal?: AbortSignal): Promise<Grant> {
    signal?.throwIfAborted();
    const loaded = this.#held ? undefined : ((await abortable(this.#load(), signal)) ?? undefined);
    const held = this.#held ?? loaded?.credentials.grant;
    if (!held) throw new AuthorizationRequiredError(this.#options.resource, 'no_grant');
    if (held.status === 'reauth_required') {
      throw new AuthorizationRequiredError(this.#options.resource, held.reason ?? 'grant_rejected');
    }
    await this.#options.dpop.assertKey(held, this.#options.resource);
    if (supersedes(held, rejected)) {
      const state = this.#freshness(held);
      if (state === 'early') this.#refreshInBackground(held);
      if (state === 'fresh' || state === 'early') {
        this.#revalidateWhenDue();
        return held;
      }
    }
    try {
      return await this.#renewed(held, rejected, loaded, signal);
    } catch (error) {
      const isGood = supersedes(held, rejected) && this.#freshness(held) !== 'expired';
      if (isGood && leavesGrant(error)) return held;
      throw error;
    }
  }

  /** A login that another process has made meanwhile, as far as the store can say. */
  async superseding(known: TokenIdentity, signal: AbortSignal | undefined): Promise<Grant | undefined> {
    await abortable(this.#revalidate().catch(ignoreOwnErrors), signal);
    return this.#held && supersedes(this.#held, known) ? this.#held : undefined;
  }

  /** What memory has. */
  get held(): Grant | undefined {
    return this.#held;
  }

  /** Whether its access token is over by now. */
  hasExpired(grant: Grant): boolean {
    return this.#freshness(grant) === 'expired';
  }

  /** Drops what memory has, so that the next use reads the store. */
  forget(): void {
    if (this.#saving) return;
    this.#epoch++;
    this.#held = undefined;
  }

  /** Takes over a grant that was just stored. */
  hold(grant: Grant): void {
    this.#epoch++;
    this.#held = grant;
    this.#checkedAt = this.#clock.monotonic();
  }

  /**
   * Makes a renewed grant durable before anybody uses it. Where the store fails, the grant is used from memory and
   * stored as soon as possible: it is the only good one.
   *
   * @param durationMs How long the refresh took; absent where an older success is put back.
   */
  async #settle(next: Grant, durationMs?: number): Promise<Grant> {
    for (let tries = 1; ; tries++) {
      try {
        const saved = await this.#commit(next);
        if (saved !== next) return saved;
        this.#ours = next;
        if (durationMs === undefined) this.#options.emit({ type: 'store_recovered' });
        else this.#options.emit({ type: 'refreshed', generation: next.generation, durationMs });
        return saved;
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        if (tries >= SAVE_TRIES) {
          this.#options.emit({ type: 'store_trouble', kind: error.kind, unsaved: true });
          break;
        }
        await sleep(SAVE_FIRST_MS * 3 ** (tries - 1));
      }
    }
    this.hold(next);
    this.#ours = next;
    this.#saving ??= this.#saveInBackground(next).finally(() => {
      this.#saving = undefined;
    });
    return next;
  }

  /** Waits for what is under way: refreshes in flight, and grants that are not stored yet. */
  async drain(): Promise<void> {
    this.#draining.abort();
    await Promise.allSettled([this.#refreshing, this.#saving, this.#revalidating]);
  }

  #load(): Promise<StoredCredentials | null> {
    const epoch = this.#epoch;
    this.#loading ??= this.#repository
      .get()
      .then((stored) => {
        const grant = stored?.credentials.grant;
        if (grant?.status === 'active' && epoch === this.#epoch) this.hold(grant);
        return stored;
      })
      .finally(() => {
        this.#loading = undefined;
      });
    return this.#loading;
  }

  async #renewed(
    held: Grant,
    rejected: TokenIdentity | undefined,
    loaded: StoredCredentials | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Grant> {
    for (let round = 0, base = held; round < MAX_ROUNDS; round++) {
      base = await abortable(this.#refresh(base, rejected, round === 0 ? loaded : undefined), signal);
      if (base.status === 'active' && supersedes(base, rejected) && this.#freshness(base) !== 'expired')
        return base;
    }
    throw new TransientError(`${this.#options.resource}: its tokens have expired by the time they arrive.`);
  }

  /** One refresh at a time; whoever comes meanwhile gets its outcome. */
  #refresh(base: Grant, rejected: TokenIdentity | undefined, loaded?: StoredCredentials): Promise<Grant> {
    this.#refreshing ??= this.#refresher
      .refresh(base, rejected, loaded)
      .then((grant) => {
        if (grant.status === 'active') this.hold(grant);
        if (grant !== this.#ours && supersedes(grant, base)) {
          this.#options.emit({ type: 'refresh_joined', generation: grant.generation });
        }
        return grant;
      })
      .catch((error: unknown) => {
        this.#failed(error);
        throw error;
      })
      .finally(() => {
        this.#refreshing = undefined;
      });
    return this.#refreshing;
  }

  #failed(error: unknown): void {
    if (error instanceof AuthorizationRequiredError) {
      this.#held = undefined;
      this.#options.emit({ type: 'authorization_required', reason: error.reason });
    } else if (error instanceof OAuthClientError) {
      const { code } = error as AnyOAuthClientError;
      const retryAfterMs = error instanceof TransientError ? error.retryAfterMs : undefined;
      this.#options.emit({
        type: 'refresh_failed',
        code,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      });
    }
  }

  #refreshInBackground(held: Grant): void {
    if (this.#refreshing || held.tokens.refresh_token === undefined) return;
    // Its failure was told as an event, and concerns nobody while the token is good.
    this.#refresh(held, undefined).catch(ignoreOwnErrors);
  }

  #revalidateWhenDue(): void {
    if (this.#revalidating || this.#clock.monotonic() - this.#checkedAt < REVALIDATE_MS) return;
    this.#revalidating = this.#revalidate()
      .catch(ignoreOwnErrors)
      .finally(() => {
        this.#revalidating = undefined;
      });
  }

  async #revalidate(): Promise<void> {
    const [held, epoch] = [this.#held, this.#epoch];
    this.#checkedAt = this.#clock.monotonic();
    const stored = (await this.#repository.get())?.credentials.grant;
    if (this.#held !== held || epoch !== this.#epoch || this.#saving) return;
    if (held && stored?.grantId === held.grantId && stored.generation < held.generation) {
      await this.#settle(held);
    } else {
      this.#held = stored?.status === 'active' ? stored : undefined;
    }
  }

  async #commit(next: Grant): Promise<Grant> {
    const result = await commitGrant(this.#repository, next);
    if (result.outcome === 'gone') {
      this.#held = undefined;
      // A person ended this grant while it was renewed: what came of it must not live on at the server.
      await this.#options.discard(next);
      throw new AuthorizationRequiredError(this.#options.resource, 'no_grant');
    }
    this.hold(result.grant);
    return result.grant;
  }

  async #saveInBackground(next: Grant): Promise<void> {
    for (let tries = 0; ; tries++) {
      await this.#pause(Math.min(SAVE_FIRST_MS * 2 ** tries, SAVE_MAX_MS));
      try {
        await this.#commit(next);
        this.#options.emit({ type: 'store_recovered' });
        return;
      } catch (error) {
        if (error instanceof AuthorizationRequiredError) return;
        if (!(error instanceof StoreError)) throw error;
      }
    }
  }

  /** Whoever closes waits for the save alone, so it is tried at once then, and often. */
  async #pause(ms: number): Promise<void> {
    const { signal } = this.#draining;
    if (signal.aborted) await sleep(Math.min(ms, SAVE_CLOSING_MS), { background: true });
    else await sleep(ms, { background: true, signal }).catch(ignoreAbort);
  }

  #freshness(grant: Grant): Freshness {
    return freshness(grant.tokens, this.#clock.now(), this.#jitter);
  }
}

function ignoreOwnErrors(error: unknown): void {
  if (!(error instanceof OAuthClientError)) throw error;
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof DOMException && error.name === 'AbortError')) throw error;
}
