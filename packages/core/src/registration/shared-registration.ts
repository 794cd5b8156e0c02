import type { ClientInformation } from '../credentials/credentials.js';
import type { RecordChanges } from '../record/record-changes.js';
import { OAuthClientError, RegistrationError, StoreError, TransientError } from '../errors.js';
import type { OnEvent } from '../events.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import type { ProcessIdentity } from '../ports/process-identity.js';
import type { Clock } from '../time/clock.js';
import { jittered } from '../time/sleep.js';
import { LeaseObserver } from '../token/lease-observer.js';
import type { RegistrationRequest } from './dynamic-registration.js';
import { register } from './registration-attempt.js';
import type { RegistrationTarget } from './registration-attempt.js';
import type {
  ClientRegistration,
  FailedAttempt,
  RegistrationRepository,
  StoredRegistration,
} from './registration-repository.js';

/**
 * How long a registration may take before somebody else tries. Two of them do no harm but for a client that nobody uses,
 * so that a lease need not outlast the slowest server: nobody should wait long for a process that has died.
 */
const LEASE_MS = 5_000;
const POLL_MS = 200;
const MAX_WAIT_MS = 60_000;
const MAX_PUTS = 20;

export interface SharedRegistrationOptions {
  readonly http: OAuthHttp;
  readonly clock: Clock;
  readonly identity: ProcessIdentity | undefined;
  readonly repository: RegistrationRepository;
  readonly emit: OnEvent;
}

export interface RegisteredFor {
  readonly client: ClientInformation;
  /** Whether it was registered just now. */
  readonly fresh: boolean;
}

/**
 * One dynamic registration for all owners (RFC 7591), made once however many processes need it at the same moment. Like
 * a refresh it is marked in the record that it will fill, and whoever comes second waits for it.
 */
export class SharedRegistration {
  readonly #options: SharedRegistrationOptions;
  readonly #running = new Map<string, Promise<RegisteredFor>>();

  constructor(options: SharedRegistrationOptions) {
    this.#options = options;
  }

  /** @throws {RegistrationError | TransientError | StoreError} */
  async obtain(target: RegistrationTarget, request: RegistrationRequest): Promise<RegisteredFor> {
    const { repository } = this.#options;
    const id = await repository.id(target.issuer, request);
    const running = this.#running.get(id);
    if (running) return await running;
    const changes = repository.changes(id);
    const obtaining = this.#obtain(id, target, request, changes).finally(() => {
      this.#running.delete(id);
      changes.end();
    });
    this.#running.set(id, obtaining);
    return await obtaining;
  }

  async #obtain(
    id: string,
    target: RegistrationTarget,
    request: RegistrationRequest,
    changes: RecordChanges,
  ): Promise<RegisteredFor> {
    const { repository, clock, identity } = this.#options;
    const observer = new LeaseObserver(LEASE_MS, clock, identity);
    const giveUpAt = clock.monotonic() + MAX_WAIT_MS;
    const wanted = { issuer: target.issuer, redirect_uris: request.redirect_uris };
    let awaited: string | undefined;
    let stored = await repository.get(id);
    while (clock.monotonic() < giveUpAt) {
      const client = usableClient(stored, wanted, clock.now());
      if (client) return { client, fresh: false };
      const { attempt, failed } = stored?.registration ?? {};
      if (failed && failed.id === awaited) throw failure(target.issuer, failed);
      if (attempt && !observer.isDead(attempt)) {
        awaited = attempt.id;
        const pauses = { pollMs: jittered(POLL_MS), watchedMs: observer.pauseMs(attempt) };
        observer.woke(await changes.next(pauses));
        stored = await repository.get(id);
        continue;
      }
      const leased = await repository.put(id, stored, {
        ...wanted,
        attempt: { id: crypto.randomUUID(), startedAt: clock.now(), holder: identity?.self },
      });
      if (leased.ok) return await this.#register(id, leased.stored, target, request);
      stored = leased.stored;
    }
    throw new TransientError(
      `Another process has been registering this client at ${target.issuer} for too long.`,
    );
  }

  async #register(
    id: string,
    leased: StoredRegistration | null,
    target: RegistrationTarget,
    request: RegistrationRequest,
  ): Promise<RegisteredFor> {
    const { http, emit } = this.#options;
    const attempt = leased?.registration.attempt?.id ?? '';
    const client = await register(http, target, request).catch(async (error: unknown) => {
      if (error instanceof RegistrationError)
        await this.#report(id, leased, { id: attempt, kind: 'refused', error: error.error });
      else if (error instanceof OAuthClientError)
        await this.#report(id, leased, { id: attempt, kind: 'transient' });
      throw error;
    });
    emit({ type: 'client_registered', issuer: target.issuer });
    const registration = { issuer: target.issuer, redirect_uris: request.redirect_uris, client };
    return { client: await this.#keep(id, leased, registration), fresh: true };
  }

  /** Whoever was overtaken and comes late takes over what is there, so that all owners share one client. */
  async #keep(
    id: string,
    leased: StoredRegistration | null,
    registration: ClientRegistration & { readonly client: ClientInformation },
  ): Promise<ClientInformation> {
    const { repository, clock } = this.#options;
    for (let over = leased, puts = 0; puts < MAX_PUTS; puts++) {
      const result = await repository.put(id, over, registration);
      if (result.ok) return registration.client;
      const other = usableClient(result.stored, registration, clock.now());
      if (other) return other;
      over = result.stored;
    }
    return registration.client;
  }

  /** Spares those who wait from asking the same again, one after the other. */
  async #report(id: string, leased: StoredRegistration | null, failed: FailedAttempt): Promise<void> {
    if (!leased) return;
    const { issuer, redirect_uris } = leased.registration;
    try {
      await this.#options.repository.put(id, leased, { issuer, redirect_uris, failed });
    } catch (error) {
      // Why the registration failed is worth more to the caller; the mark runs out by itself.
      if (!(error instanceof StoreError)) throw error;
    }
  }
}

/** A secret that has expired is worth nothing (RFC 7591 section 3.2.1), nor is a record that speaks of others. */
function usableClient(
  stored: StoredRegistration | null,
  { issuer, redirect_uris }: Pick<ClientRegistration, 'issuer' | 'redirect_uris'>,
  now: number,
): ClientInformation | undefined {
  if (!stored?.registration.client) return undefined;
  const { client, ...registered } = stored.registration;
  const { client_secret, client_secret_expires_at: expires = 0 } = client;
  const expired = client_secret !== undefined && expires !== 0 && expires * 1_000 <= now;
  const isOurs =
    registered.issuer === issuer && redirect_uris.every((uri) => registered.redirect_uris.includes(uri));
  return isOurs && !expired ? client : undefined;
}

function failure(issuer: string, { kind, error }: FailedAttempt): RegistrationError | TransientError {
  return kind === 'refused'
    ? new RegistrationError(issuer, 'the server refused it in another process, a moment ago', error)
    : new TransientError(`Registering this client at ${issuer} failed in another process, a moment ago.`);
}
