import type { AuthorizationFlow } from './authorization/authorization-flow.js';
import { loginCompleted } from './authorization/login-completed.js';
import { CallbackRejectedError, ClientClosedError, InvalidConfigError, OAuthClientError } from './errors.js';
import type { AnyOAuthClientError } from './errors.js';
import type { Emit, OnEvent } from './events.js';
import type { FetchLike } from './http/bounded-request.js';
import type { HostClient } from './machine-login/machine-settings.js';
import { canonicalResource, checkedOwner, isWellFormed } from './session-key/session-key.js';
import type { Owner, SessionKey } from './session-key/session-key.js';
import type { ForgottenSession, OwnerSessions } from './session/owner-sessions.js';
import { OAuthSession } from './session/oauth-session.js';
import type { SessionParts } from './session/session-parts.js';
import type { ClientMetadata } from './registration/client-metadata.js';
import type { SessionRegistry } from './session/session-registry.js';
import type { SessionStatus } from './session/session-status.js';
import { checkClientSettings, keptClientKeys } from './session/client-settings.js';
import type { SessionSettings } from './session/session-settings.js';
import { REGISTRATIONS_PARTITION } from './registration/registration-repository.js';
import { toBase64Url } from './session-key/digest.js';
import { SECRET_KEY } from './session-key/store-secret.js';
import { sleep } from './time/sleep.js';

/** `single`: one person uses this host, and nobody names them. `many`: every call says whose credentials it means. */
export type Owners = 'single' | 'many';

/** With many owners the owner is required, so that a forgotten argument can't share one login among all. */
export type OwnerArgument<O extends Owners> = O extends 'many'
  ? { readonly owner: Owner }
  : { readonly owner?: never };

export type SessionAddress<O extends Owners> = OwnerArgument<O> & {
  /** The URL of the MCP server. */
  readonly resource: string | URL;
  /** Which of several accounts of the owner. Default `default`. */
  readonly profile?: string;
};

/** With a single owner nothing has to be said. */
export type OwnerArguments<O extends Owners> = O extends 'many'
  ? [argument: OwnerArgument<O>]
  : [argument?: OwnerArgument<O>];

export interface CompletedAuthorization {
  readonly resource: string;
  readonly profile: string;
}

export interface OAuthClientParts extends Omit<SessionParts, 'key' | 'settings' | 'state' | 'closing'> {
  readonly owners: Owners;
  readonly registry: SessionRegistry;
  readonly metadata: ClientMetadata;
  readonly host: HostClient;
  readonly flow: AuthorizationFlow;
  readonly owned: OwnerSessions;
  readonly emit: OnEvent;
}

const CLOSE_TIMEOUT_MS = 10_000;

/** The OAuth 2.1 client of one host. Made by `createOAuthClient`. */
export class OAuthClient<O extends Owners = 'single'> {
  readonly #parts: OAuthClientParts;
  readonly #closing = new AbortController();

  constructor(parts: OAuthClientParts) {
    this.#parts = parts;
  }

  /** How this host presents itself to authorization servers. */
  get clientMetadata(): ClientMetadata {
    return this.#parts.metadata;
  }

  /** What all requests of this client go through, for requests beside it that must keep to the same rules. */
  get fetch(): FetchLike {
    return this.#parts.fetch;
  }

  /** The session of one owner at one MCP server. Sessions of the same key share their memory and their requests. */
  session(address: SessionAddress<O>, settings: SessionSettings = {}): OAuthSession {
    this.#closing.signal.throwIfAborted();
    const key = this.#key(address);
    const { host, registry } = this.#parts;
    checkClientSettings(settings, host);
    const keepKeys = keptClientKeys(host.keyring, key.owner, settings);
    return new OAuthSession({
      ...this.#parts,
      key,
      settings,
      state: async () => {
        const state = await registry.state(key);
        // Others may have come since, and pushed them out.
        keepKeys();
        state.settings = settings;
        return state;
      },
      closing: this.#closing.signal,
    });
  }

  /**
   * Ends a login that `session.beginAuthorization` began, here or in any other process.
   *
   * @param callbackUrl The address that the person's browser was sent to, with its query.
   * @throws {CallbackRejectedError} nothing was sent and nothing changed.
   * @throws {InvalidConfigError} the same: the client proves itself by a `privateKey`, and this process has none of this owner
   *   for it. Make the session that brings it first.
   * @throws {AuthorizationRequiredError} the same: `key_missing`, it was begun with a `dpop` key that this process lacks.
   * @throws {AuthorizationDeniedError | TokenRequestError | TransientError | StoreError} the login has ended.
   */
  async completeAuthorization(
    callbackUrl: string | URL,
    request: OwnerArgument<O> & { readonly binding: string },
  ): Promise<CompletedAuthorization> {
    this.#closing.signal.throwIfAborted();
    const { flow, registry } = this.#parts;
    const owner = this.#owner(request.owner);
    // What is no address has no state; the parser's own error would quote the code in it.
    const parameters = URL.parse(callbackUrl, 'http://localhost')?.searchParams ?? new URLSearchParams();
    const partition = await registry.partition(owner);
    const found = await flow
      .find({ parameters, partition, binding: request.binding })
      .catch((error: unknown) =>
        refused(error, (event) => {
          this.#parts.emit({ owner, ...event });
        }),
      );
    const { resource, profile } = found.pending;
    const state = await registry.state({ owner, resource, profile });
    try {
      const grant = await flow.complete(found, parameters, state);
      loginCompleted(state, grant);
      return { resource, profile };
    } catch (error) {
      await state.stepUps.ended(error, found.pending.scope);
      return refused(error, state.emit);
    }
  }

  /** All logins of an owner, ordered by resource and profile. Reads only, and holds no secret. @throws {StoreError} */
  async sessions(...[argument]: OwnerArguments<O>): Promise<readonly SessionStatus[]> {
    return await this.#parts.owned.list(this.#owner(argument?.owner));
  }

  /**
   * Ends all logins of an owner, at their authorization servers (RFC 7009) and here, and removes everything that the
   * store keeps for them. What is under way, in any process, does not come back. Bounded in time: a server that can't be
   * asked keeps nobody from being forgotten, and its tokens are reported as `failed`. So are those of a client with a
   * `privateKey` that no session has brought to this process.
   *
   * @throws {StoreError} the store can't forget them now.
   */
  async forgetOwner(...[argument]: OwnerArguments<O>): Promise<readonly ForgottenSession[]> {
    return await this.#parts.owned.forget(this.#owner(argument?.owner));
  }

  /**
   * The partitions of the store that hold what is kept for an owner, and after it those that all owners share: for upkeep
   * at the store itself, as giving records another key. Nothing in them names the owner.
   *
   * @throws {StoreError}
   */
  async partitions(...[argument]: OwnerArguments<O>): Promise<readonly string[]> {
    const partition = await this.#parts.registry.partition(this.#owner(argument?.owner));
    return [toBase64Url(partition), REGISTRATIONS_PARTITION, SECRET_KEY.partition];
  }

  /**
   * Ends logins at once, lets refreshes in flight finish and be stored, and gives up after `timeoutMs`. The store is
   * not closed: who made it closes it. May be called twice.
   */
  async close({ timeoutMs = CLOSE_TIMEOUT_MS }: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#closing.abort(new ClientClosedError());
    const done = new AbortController();
    const timeout = sleep(timeoutMs, { signal: done.signal }).catch((error: unknown) => {
      if (!done.signal.aborted) throw error;
    });
    await Promise.race([this.#parts.registry.drain(), timeout]);
    done.abort();
  }

  #key(address: SessionAddress<O>): SessionKey {
    const profile = address.profile ?? 'default';
    if (profile === '' || profile.length > 256 || !isWellFormed(profile)) {
      throw new InvalidConfigError('A profile is a name of 1 to 256 characters.');
    }
    return { owner: this.#owner(address.owner), resource: canonicalResource(address.resource), profile };
  }

  #owner(owner: Owner | undefined): Owner | undefined {
    if (this.#parts.owners === 'single') {
      if (owner === undefined) return undefined;
      throw new InvalidConfigError(
        `This client has a single owner. Create it with owners: 'many' to name one.`,
      );
    }
    if (owner === undefined) {
      throw new InvalidConfigError(
        `This client has many owners: say whose credentials are meant, by { owner }.`,
      );
    }
    return checkedOwner(owner);
  }
}

function refused(error: unknown, emit: Emit): never {
  if (error instanceof OAuthClientError) {
    const { code } = error as AnyOAuthClientError;
    const reason = error instanceof CallbackRejectedError ? { reason: error.reason } : {};
    emit({ type: 'authorization_refused', code, ...reason });
  }
  throw error;
}
