import type { ClientInformation, DpopBinding, Grant, PinnedServer } from '../credentials/credentials.js';
import type { Discovered } from '../discovery/discovery.js';
import { AuthorizationDeniedError, CallbackRejectedError, TokenRequestError } from '../errors.js';
import type { RecordKey } from '../ports/token-store.js';
import { assertNoDuplicates, authorizationCode } from '../protocol/authorization-response.js';
import type { AuthorizationCode } from '../protocol/authorization-response.js';
import { ProtocolFailure } from '../protocol/protocol-failure.js';
import type { PushedAuthorizationEndpoint } from '../protocol/pushed-authorization-endpoint.js';
import type { TokenEndpoint } from '../protocol/token-endpoint.js';
import type { ClientKeys } from '../registration/client-keys.js';
import type { SessionState } from '../session/session-state.js';
import { randomToken, sha256, toBase64Url } from '../session-key/digest.js';
import type { StoreSecret } from '../session-key/store-secret.js';
import type { Clock } from '../time/clock.js';
import { authorizationAddress } from './authorization-address.js';
import type { AuthorizationAddress } from './authorization-address.js';
import type { AuthorizationRequest } from './authorization-url.js';
import { commitLogin, newGrant } from './login-commit.js';
import type { PendingAuthorization, PendingAuthorizations } from './pending-authorization.js';
import { createPkce, createState, openState } from './state.js';

export interface AuthorizationFlowOptions {
  readonly secret: StoreSecret;
  readonly pendings: PendingAuthorizations;
  readonly endpoint: TokenEndpoint;
  readonly pushedAuthorization: PushedAuthorizationEndpoint;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Gives back, at the server, tokens that came too late to be kept. */
  readonly discard: (grant: Grant, keys: ClientKeys) => Promise<void>;
  readonly onClientRejected: (issuer: string, clientId: string) => Promise<void>;
}

export interface BeginRequest {
  readonly partition: Uint8Array;
  readonly resource: string;
  readonly profile: string;
  /** Of the credentials record that the login will commit over. */
  readonly epoch: string;
  readonly discovered: Discovered;
  readonly client: ClientInformation;
  /** Of the owner. */
  readonly keys: ClientKeys;
  readonly redirectUri: string;
  readonly scope: string | undefined;
  readonly dpop?: DpopBinding | undefined;
  /** Whether the callback comes through a browser that the host can bind the flow to. */
  readonly bound: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface BegunAuthorization {
  readonly authorizationUrl: URL;
  /** Unix time in milliseconds by which the browser has to be there, where the server keeps the request (RFC 9126). */
  readonly expiresAt: number | undefined;
  readonly state: string;
  /** To be kept in the browser that began the flow, and to be brought back by it. */
  readonly binding: string | undefined;
  /** What a response with this state will be found to belong to. */
  readonly found: FoundAuthorization;
}

export interface CompletionRequest {
  readonly parameters: URLSearchParams;
  /** The partition of whoever is logged in at the host now. */
  readonly partition: Uint8Array;
  readonly binding: string | undefined;
}

/** Whose login it is. */
export type LoginSession = Pick<SessionState, 'repository' | 'keys'>;

/** A token request that another library is about to send. */
export interface SentElsewhere {
  readonly headers: Headers;
  readonly body: URLSearchParams;
}

export interface FoundAuthorization {
  readonly key: RecordKey;
  readonly pending: PendingAuthorization;
}

/** The authorization code flow (RFC 6749 section 4.1) in two halves that any two processes may run. */
export class AuthorizationFlow {
  readonly #options: AuthorizationFlowOptions;

  constructor(options: AuthorizationFlowOptions) {
    this.#options = options;
  }

  /**
   * @throws {AuthorizationDeniedError} the server was handed the request, and refused it.
   * @throws {InvalidConfigError} this client could not prove itself there when the person comes back.
   * @throws {TransientError | InvalidConfigError | UnsafeUrlError | StoreError}
   */
  async begin(request: BeginRequest): Promise<BegunAuthorization> {
    const { secret, pendings, clock, endpoint } = this.#options;
    const { discovered, client, keys, redirectUri, scope, dpop } = request;
    await endpoint.assertAuthentication({ client, server: pinned(discovered), keys });
    const { state, partition, id } = await createState(secret, request.partition);
    const { codeVerifier, codeChallenge } = await createPkce();
    const binding = request.bound ? randomToken() : undefined;
    const { url, expiresAt } = await this.#address(request, {
      authorizationEndpoint: discovered.server.authorization_endpoint,
      clientId: client.client_id,
      redirectUri,
      state,
      codeChallenge,
      scope,
      resourceIndicator: discovered.resourceIndicator,
      dpopJkt: dpop?.jkt,
    });
    const pending: PendingAuthorization = {
      resource: request.resource,
      profile: request.profile,
      epoch: request.epoch,
      server: pinned(discovered),
      issAnnounced: discovered.server.authorization_response_iss_parameter_supported,
      client,
      redirectUri,
      codeVerifier,
      resourceIndicator: discovered.resourceIndicator,
      scope,
      dpop,
      bindingHash: binding && (await sha256(binding)),
      createdAt: clock.now(),
    };
    const key = { partition, id };
    await pendings.add(key, pending);
    return { authorizationUrl: url, expiresAt, state, binding, found: { key, pending } };
  }

  async #address(request: BeginRequest, asked: AuthorizationRequest): Promise<AuthorizationAddress> {
    const { discovered, client, keys, resource, signal } = request;
    const server = pinned(discovered);
    const authenticated = { server, client, keys };
    try {
      return await authorizationAddress(this.#options, discovered.server, asked, authenticated, signal);
    } catch (error) {
      if (!(error instanceof ProtocolFailure)) throw error;
      return await this.#denied(resource, server, client, error.error ?? 'malformed_response');
    }
  }

  /**
   * Finds the flow that a response belongs to, and checks everything about it. Nothing is sent and the flow stays,
   * so that a forged response can't end an honest person's login.
   *
   * @throws {CallbackRejectedError | StoreError}
   */
  async find(request: CompletionRequest): Promise<FoundAuthorization> {
    const { secret, pendings } = this.#options;
    assertNoDuplicates(request.parameters);
    const key = await openState(secret, request.parameters.get('state') ?? '');
    if (!key) throw new CallbackRejectedError('state_mismatch');
    if (key.partition !== toBase64Url(request.partition)) throw new CallbackRejectedError('owner_mismatch');
    const pending = await pendings.peek(key);
    if (!pending) throw new CallbackRejectedError('unknown_flow');
    if (pending.bindingHash !== undefined && pending.bindingHash !== (await sha256(request.binding ?? ''))) {
      throw new CallbackRejectedError('binding_mismatch');
    }
    return { key, pending };
  }

  /**
   * Ends a flow with its response: takes it, exchanges the code, and commits the grant over the epoch it was begun in.
   *
   * @throws {CallbackRejectedError} and the flow stays, unless the reason is `unknown_flow`.
   * @throws {InvalidConfigError | AuthorizationRequiredError} and the flow stays: this process was not given the key of the
   *   client, or the host's key that the tokens are to be bound to.
   * @throws {AuthorizationDeniedError | TokenRequestError | TransientError | StoreError} and the flow has ended.
   */
  async complete(
    found: FoundAuthorization,
    parameters: URLSearchParams,
    session: LoginSession,
  ): Promise<Grant> {
    const { pending } = found;
    const { keys } = session;
    const { client, server, dpop } = pending;
    // Its code is good once: whoever can't prove the client leaves it to a process that can.
    if (parameters.has('code')) {
      await this.#options.endpoint.assertAuthentication({ client, server, keys }, dpop);
    }
    const code = await this.accept(found, parameters);
    const grant = await this.#exchange(pending, code, keys);
    return await this.commit(pending, grant, session);
  }

  /** The first half of {@link complete}: checks the response and takes the flow, so that its code is used once. */
  async accept(
    { key, pending }: FoundAuthorization,
    parameters: URLSearchParams,
  ): Promise<AuthorizationCode> {
    const { code, denied } = await this.#response(pending, parameters);
    if (!(await this.#options.pendings.take(key))) throw new CallbackRejectedError('unknown_flow');
    if (code) return code;
    return await this.#denied(pending.resource, pending.server, pending.client, denied);
  }

  async #denied(
    resource: string,
    { issuer }: PinnedServer,
    { client_id }: ClientInformation,
    error: string,
  ): Promise<never> {
    if (isClientRejected(error)) await this.#options.onClientRejected(issuer, client_id);
    throw new AuthorizationDeniedError(resource, error);
  }

  async #response(
    pending: PendingAuthorization,
    parameters: URLSearchParams,
  ): Promise<
    | { readonly code: AuthorizationCode; readonly denied?: never }
    | { readonly code?: never; readonly denied: string }
  > {
    try {
      const code = await authorizationCode(parameters, {
        state: parameters.get('state') ?? '',
        issuer: pending.server.issuer,
        clientId: pending.client.client_id,
        issAnnounced: pending.issAnnounced,
      });
      return { code };
    } catch (error) {
      if (error instanceof ProtocolFailure) return { denied: error.error ?? 'malformed_response' };
      throw error;
    }
  }

  /** Adds what proves this client to a token request that another library sends. @throws {InvalidConfigError} */
  async authenticate(
    { server, client }: PendingAuthorization,
    { headers, body }: SentElsewhere,
    { keys }: LoginSession,
  ): Promise<void> {
    await this.#options.endpoint.authenticate({ server, client, keys }, headers, body);
  }

  /** Forgets the registration of a client that another library saw refused, so that the next login makes a new one. */
  async clientRejected({ server, client }: PendingAuthorization): Promise<void> {
    await this.#options.onClientRejected(server.issuer, client.client_id);
  }

  async #exchange(pending: PendingAuthorization, code: AuthorizationCode, keys: ClientKeys): Promise<Grant> {
    const { endpoint, timeoutMs } = this.#options;
    const { server, client, codeVerifier, redirectUri, resourceIndicator, dpop } = pending;
    try {
      const proof = { code, codeVerifier, redirectUri };
      const request = { server, client, keys, ...proof, resourceIndicator, dpop, timeoutMs };
      return newGrant(pending, await endpoint.exchange(request));
    } catch (error) {
      if (!(error instanceof ProtocolFailure)) throw error;
      if (isClientRejected(error.error)) await this.clientRejected(pending);
      throw tokenRequestError(server.issuer, error);
    }
  }

  /** The last half of {@link complete}. */
  async commit(
    pending: Pick<PendingAuthorization, 'epoch' | 'resource'>,
    grant: Grant,
    { repository, keys }: LoginSession,
  ): Promise<Grant> {
    return await commitLogin(pending, grant, repository, (late) => this.#options.discard(late, keys));
  }
}

export function pinned({ server }: Discovered): PinnedServer {
  return {
    issuer: server.issuer,
    token_endpoint: server.token_endpoint,
    revocation_endpoint: server.revocation_endpoint,
    token_endpoint_auth_methods_supported: server.token_endpoint_auth_methods_supported,
    token_endpoint_auth_signing_alg_values_supported: server.token_endpoint_auth_signing_alg_values_supported,
    revocation_endpoint_auth_methods_supported: server.revocation_endpoint_auth_methods_supported,
  };
}

/** Whether an `error` is about the client, and not about what it asks for (RFC 6749 sections 4.1.2.1 and 5.2). */
export function isClientRejected(error: string | undefined): boolean {
  return error === 'unauthorized_client' || error === 'invalid_client';
}

function tokenRequestError(issuer: string, { kind, error, status }: ProtocolFailure): TokenRequestError {
  const problem =
    kind === 'refused' ? `refused the code (${error ?? 'unknown_error'})` : 'gave no usable token response';
  return new TokenRequestError(issuer, problem, {
    ...(error === undefined ? {} : { error }),
    ...(status === undefined ? {} : { status }),
  });
}
