import { credentialsId } from '../credentials/credentials-list.js';
import { CredentialsRepository } from '../credentials/credentials-repository.js';
import type { Credentials } from '../credentials/credentials.js';
import type { Challenge } from '../discovery/challenge.js';
import type { BoundIssuer } from '../discovery/issuer-choice.js';
import type { ProtectedResourceMetadata } from '../discovery/protected-resource.js';
import { StoreError } from '../errors.js';
import type { Dpop } from '../dpop/dpop.js';
import type { FetchLike } from '../http/bounded-request.js';
import { OAuthHttp } from '../http/oauth-http.js';
import type { TokenStore } from '../ports/token-store.js';
import type { ClientRegistrar } from '../registration/client-registration.js';
import { answerWithoutToken } from '../resource/probe.js';
import { toBase64Url } from '../session-key/digest.js';
import type { SessionKey } from '../session-key/session-key.js';
import type { StoreSecret } from '../session-key/store-secret.js';
import type { SessionSettings } from '../session/session-settings.js';
import type { Clock } from '../time/clock.js';
import { Deadline, DeadlineExceeded } from '../time/deadline.js';
import { abortable } from '../time/sleep.js';
import { clientHealth } from './client-health.js';
import { ClockComparison } from './clock-comparison.js';
import { healthReport, ok, outcome, troubled } from './findings.js';
import type { Outcome } from './findings.js';
import type { HealthFinding, HealthReport } from './health-report.js';
import { loginHealth } from './login-health.js';
import { resourceHealth } from './resource-health.js';
import { resourceMetadataHealth } from './resource-metadata-health.js';
import { serverChoice } from './server-choice-health.js';
import type { ServerChoice } from './server-choice-health.js';
import { serverMetadataHealth } from './server-metadata-health.js';
import { tokenHealth } from './token-health.js';

/** A store answers within 10 s (its contract), or it is broken. */
const STORE_MS = 12_000;
/** For everything: each request has a shorter limit of its own. */
const ALL_MS = 45_000;

export interface HealthCheckParts {
  readonly store: TokenStore;
  readonly secret: StoreSecret;
  readonly fetch: FetchLike;
  readonly clock: Clock;
  readonly registrar: ClientRegistrar;
  readonly dpop: Dpop;
}

interface Stored {
  readonly usable: Outcome<void>;
  /** `undefined` inside: nothing is kept. */
  readonly credentials: Outcome<Credentials | undefined>;
  readonly only: BoundIssuer | undefined;
}

/**
 * Looks at everything that a session depends on, and changes nothing: no write to the store, no token to any server, and
 * nothing that the session keeps in memory.
 */
export class HealthCheck {
  readonly #parts: HealthCheckParts;

  constructor(parts: HealthCheckParts) {
    this.#parts = parts;
  }

  /** @throws the signal's reason; never what it finds. */
  async report(key: SessionKey, settings: SessionSettings, signal: AbortSignal): Promise<HealthReport> {
    signal.throwIfAborted();
    const deadline = new Deadline(ALL_MS);
    try {
      return await this.#report(key, settings, AbortSignal.any([signal, deadline.signal]));
    } finally {
      deadline.clear();
    }
  }

  async #report(key: SessionKey, settings: SessionSettings, signal: AbortSignal): Promise<HealthReport> {
    const { fetch, clock, registrar, dpop } = this.#parts;
    const { resource, profile } = key;
    const clocks = new ClockComparison(fetch, clock);
    const http = new OAuthHttp(clocks.fetch, clock);
    const [stored, asked] = await Promise.all([
      this.#stored(key, settings, signal),
      outcome(signal, () => answerWithoutToken(clocks.fetch, resource, signal)),
    ]);
    const answer = await resourceHealth(resource, asked);
    const { finding, known } = await resourceMetadataHealth(http, resource, answer, signal);
    const grant = stored.credentials.ok ? stored.credentials.value?.grant : undefined;
    const choice =
      known &&
      (await serverChoice({
        http,
        registrar,
        dpop,
        challenge: answer.challenge,
        resource,
        settings,
        signal,
        metadata: known.metadata,
        isOpen: answer.isOpen,
        only: stored.only,
        standing: grant?.server.issuer,
      }));
    const login = loginHealth({
      resource,
      kept: stored.credentials,
      machine: settings.grant,
      offered: known?.metadata?.authorization_servers,
      isNeeded: answer.challenge !== undefined,
      now: clock.now(),
    });
    return healthReport(resource, profile, [
      storeFinding(stored.usable),
      ...login,
      ...answer.findings,
      finding,
      ...(choice ? serverFindings(choice, known.metadata, answer.challenge, key, settings) : []),
      clocks.finding(),
    ]);
  }

  async #stored(key: SessionKey, settings: SessionSettings, signal: AbortSignal): Promise<Stored> {
    const { store, registrar } = this.#parts;
    const read = <T>(work: () => Promise<T>): Promise<Outcome<T>> =>
      outcome(signal, () => inTime(work(), signal));
    const [usable, credentials, only] = await Promise.all([
      read(() => store.check({ signal })),
      read(() => this.#credentials(key)),
      read(() => registrar.boundIssuer(key.resource, settings)),
    ]);
    return { usable, credentials, only: only.ok ? only.value : undefined };
  }

  async #credentials({ owner, resource, profile }: SessionKey): Promise<Credentials | undefined> {
    const { store, secret } = this.#parts;
    const partition = await secret.knownPartition(owner);
    if (!partition) return undefined;
    const id = await credentialsId(resource, profile);
    const repository = new CredentialsRepository(store, { partition: toBase64Url(partition), id });
    return (await repository.get())?.credentials;
  }
}

/** @throws {StoreError} for a store that doesn't answer, which its contract forbids. */
async function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const deadline = new Deadline(STORE_MS);
  try {
    return await abortable(work, AbortSignal.any([signal, deadline.signal]));
  } catch (error) {
    if (!(error instanceof DeadlineExceeded)) throw error;
    throw new StoreError('unavailable', 'The token store does not answer.');
  } finally {
    deadline.clear();
  }
}

function storeFinding(usable: Outcome<void>): HealthFinding {
  return usable.ok
    ? ok('store', 'The token store can be used.')
    : troubled('store', usable.trouble, 'See that the token store works.');
}

function serverFindings(
  { finding, inspection }: ServerChoice,
  metadata: ProtectedResourceMetadata | undefined,
  challenge: Challenge | undefined,
  { resource }: SessionKey,
  settings: SessionSettings,
): readonly HealthFinding[] {
  if (!inspection) return [finding];
  const { checked, binding } = inspection;
  const discovered = checked?.ok ? { ...metadata, server: checked.value } : undefined;
  return [
    finding,
    ...serverMetadataHealth(inspection, settings.grant),
    ...clientHealth(inspection),
    ...(discovered && binding ? tokenHealth(resource, discovered, settings, challenge, binding) : []),
  ];
}
