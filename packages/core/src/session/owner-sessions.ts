import { listCredentials } from '../credentials/credentials-list.js';
import type { ListedCredentials } from '../credentials/credentials-list.js';
import { CredentialsRepository } from '../credentials/credentials-repository.js';
import { StoreError } from '../errors.js';
import type { OnEvent } from '../events.js';
import type { TokenStore } from '../ports/token-store.js';
import type { RevocationEndpoint } from '../protocol/revocation-endpoint.js';
import type { ClientKeyring, ClientKeys } from '../registration/client-keys.js';
import { endGrant } from '../revocation/end-grant.js';
import { revokeGrant } from '../revocation/revocation.js';
import type { RevocationReport } from '../revocation/revocation.js';
import { toBase64Url } from '../session-key/digest.js';
import type { Owner } from '../session-key/session-key.js';
import type { Clock } from '../time/clock.js';
import type { SessionRegistry } from './session-registry.js';
import { sessionStatus } from './session-status.js';
import type { SessionStatus } from './session-status.js';

/** How many authorization servers are asked at once to revoke. */
const PARALLEL = 8;
/** How long all of them together may keep a person from being forgotten. */
const REVOKING_MS = 15_000;
const MAX_ROUNDS = 5;

/** One login that was forgotten, and what its authorization server did with each token. */
export interface ForgottenSession extends RevocationReport {
  readonly resource: string;
  readonly profile: string;
}

export interface OwnerSessionsOptions {
  readonly store: TokenStore;
  readonly revocation: RevocationEndpoint;
  readonly registry: SessionRegistry;
  readonly keyring: ClientKeyring;
  readonly clock: Clock;
  readonly emit: OnEvent;
}

/** All logins of one owner. */
export class OwnerSessions {
  readonly #options: OwnerSessionsOptions;

  constructor(options: OwnerSessionsOptions) {
    this.#options = options;
  }

  async list(owner: Owner | undefined): Promise<readonly SessionStatus[]> {
    const { registry, store } = this.#options;
    const listed = await listCredentials(store, toBase64Url(await registry.partition(owner)));
    return listed
      .flatMap(({ credentials }) => (credentials ? [credentials] : []))
      .map((credentials) => sessionStatus(credentials.resource, credentials.profile, credentials))
      .filter(({ state }) => state !== 'logged_out')
      .sort((a, b) => compare(a.resource, b.resource) || compare(a.profile, b.profile));
  }

  async forget(owner: Owner | undefined): Promise<readonly ForgottenSession[]> {
    const { registry, store, emit } = this.#options;
    const partition = toBase64Url(await registry.partition(owner));
    const keys = this.#options.keyring.of(owner);
    const until = this.#options.clock.monotonic() + REVOKING_MS;
    const forgotten: ForgottenSession[] = [];
    // A login may begin and end while the servers are asked: its tokens have to be revoked too.
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const waiting = [...(await this.#remembered(partition))];
      if (waiting.length === 0) break;
      const endOneByOne = async (): Promise<void> => {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          const ended = await this.#end(partition, keys, next, until);
          if (!ended) continue;
          forgotten.push(ended);
          emit({ owner, type: 'revoked', ...ended });
        }
      };
      await Promise.all(Array.from({ length: PARALLEL }, endOneByOne));
    }
    await store.purge(partition);
    registry.forget(partition);
    return forgotten;
  }

  /** Every record is ended, also one without a grant: the login that it was begun for must not come back either. */
  async #end(
    partition: string,
    keys: ClientKeys,
    { id, credentials }: ListedCredentials,
    until: number,
  ): Promise<ForgottenSession | undefined> {
    // The purge takes what nobody can read.
    if (!credentials) return undefined;
    const { store, revocation, clock } = this.#options;
    const repository = new CredentialsRepository(store, { partition, id });
    const report = await endGrant(repository, (grant) =>
      revokeGrant(revocation, grant, keys, () => until - clock.monotonic()),
    );
    const { resource, profile } = credentials;
    return report.access_token === 'absent' ? undefined : { resource, profile, ...report };
  }

  /** A store that can't read one of its records must not keep a person from being forgotten. */
  async #remembered(partition: string): Promise<readonly ListedCredentials[]> {
    try {
      return await listCredentials(this.#options.store, partition);
    } catch (error) {
      if (error instanceof StoreError && error.kind === 'corrupt') return [];
      throw error;
    }
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
