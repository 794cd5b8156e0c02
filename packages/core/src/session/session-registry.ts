import { SharedLogin } from '../authorization/shared-login.js';
import { StepUps } from '../authorization/step-ups.js';
import { credentialsId } from '../credentials/credentials-list.js';
import { CredentialsRepository } from '../credentials/credentials-repository.js';
import type { Grant } from '../credentials/credentials.js';
import type { Dpop } from '../dpop/dpop.js';
import type { Emit, OnEvent } from '../events.js';
import type { ProcessIdentity } from '../ports/process-identity.js';
import type { TokenStore } from '../ports/token-store.js';
import type { TokenEndpoint } from '../protocol/token-endpoint.js';
import type { ClientKeyring, ClientKeys } from '../registration/client-keys.js';
import type { ClientRegistrar } from '../registration/client-registration.js';
import { LoginCooldown } from '../resource/login-cooldown.js';
import { toBase64Url } from '../session-key/digest.js';
import { sessionKeyId } from '../session-key/session-key.js';
import type { Owner, SessionKey } from '../session-key/session-key.js';
import type { StoreSecret } from '../session-key/store-secret.js';
import type { Clock } from '../time/clock.js';
import { GrantKeeper } from '../token/grant-keeper.js';
import type { RefreshTiming } from '../token/refresh-timing.js';
import type { SessionState } from './session-state.js';

/** Idle sessions beyond this many leave memory; their credentials stay in the store. */
const MAX_SESSIONS = 1_000;

export interface SessionRegistryOptions {
  readonly store: TokenStore;
  readonly secret: StoreSecret;
  readonly endpoint: TokenEndpoint;
  readonly dpop: Dpop;
  readonly clock: Clock;
  readonly identity: ProcessIdentity | undefined;
  readonly timing: RefreshTiming;
  readonly emit: OnEvent;
  readonly registrar: ClientRegistrar;
  readonly keyring: ClientKeyring;
  readonly discard: (grant: Grant, keys: ClientKeys) => Promise<void>;
  readonly onClientRejected: (issuer: string, clientId: string) => Promise<void>;
}

/** What this process holds for each session key, least recently used first. */
export class SessionRegistry {
  readonly #options: SessionRegistryOptions;
  readonly #states = new Map<string, Promise<SessionState>>();
  readonly #settled = new Map<string, SessionState>();

  constructor(options: SessionRegistryOptions) {
    this.#options = options;
  }

  partition(owner: Owner | undefined): Promise<Uint8Array> {
    return this.#options.secret.partition(owner);
  }

  state(key: SessionKey): Promise<SessionState> {
    const id = sessionKeyId(key);
    const known = this.#states.get(id);
    if (known) {
      this.#states.delete(id);
      this.#states.set(id, known);
      return known;
    }
    const made = this.#make(key).then(
      (state) => {
        this.#settled.set(id, state);
        return state;
      },
      (error: unknown) => {
        this.#states.delete(id);
        throw error;
      },
    );
    this.#states.set(id, made);
    this.#evictIdle();
    return made;
  }

  /** Drops what memory has of one owner, whose records were purged. */
  forget(partitionId: string): void {
    for (const state of this.#settled.values()) {
      if (state.partitionId !== partitionId) continue;
      state.challenge = undefined;
      state.refused = undefined;
      state.loginCooldown.forget();
      state.keeper.forget();
    }
  }

  /** Waits for everything that must not be lost, and for logins to free their ports. */
  async drain(): Promise<void> {
    await Promise.all(
      [...this.#settled.values()].flatMap(({ keeper, login }) => [keeper.drain(), login.settled()]),
    );
  }

  async #make(key: SessionKey): Promise<SessionState> {
    const { store, clock, identity, timing, endpoint, dpop, registrar, keyring, discard, onClientRejected } =
      this.#options;
    const keys = keyring.of(key.owner);
    const partition = await this.partition(key.owner);
    const partitionId = toBase64Url(partition);
    const id = await credentialsId(key.resource, key.profile);
    const repository = new CredentialsRepository(store, { partition: partitionId, id });
    const emit = this.#emitter(key);
    const keeper = new GrantKeeper({
      repository,
      resource: key.resource,
      endpoint,
      keys,
      dpop,
      clock,
      identity,
      timing,
      emit,
      discard: (grant) => discard(grant, keys),
      rotatedClient: (grant) => registrar.rotated(key.resource, state.settings, grant),
      onClientRejected: (grant) => onClientRejected(grant.server.issuer, grant.client.client_id),
    });
    const login = new SharedLogin();
    const state: SessionState = {
      key,
      partition,
      partitionId,
      repository,
      keeper,
      emit,
      login,
      stepUps: new StepUps(repository, clock, key.resource),
      loginCooldown: new LoginCooldown(clock, key.resource),
      dpop,
      keys,
      settings: {},
      challenge: undefined,
      refused: undefined,
    };
    return state;
  }

  #emitter({ owner, resource, profile }: SessionKey): Emit {
    const { emit } = this.#options;
    return (event) => {
      emit({ owner, resource, profile, ...event });
    };
  }

  #evictIdle(): void {
    for (const id of this.#states.keys()) {
      if (this.#states.size <= MAX_SESSIONS) return;
      const state = this.#settled.get(id);
      if (!state || state.keeper.isBusy || state.login.isRunning) continue;
      this.#states.delete(id);
      this.#settled.delete(id);
    }
  }
}
