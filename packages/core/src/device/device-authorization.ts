import { pinned } from '../authorization/authorization-flow.js';
import type { LoginTarget } from '../authorization/login-commit.js';
import { redirectUris } from '../authorization/redirect-uris.js';
import { selectScope } from '../authorization/scope.js';
import type { Grant } from '../credentials/credentials.js';
import { TokenRequestError } from '../errors.js';
import type {
  DeviceAuthorizationEndpoint,
  DeviceAuthorizationResponse,
} from '../protocol/device-authorization-endpoint.js';
import { ProtocolFailure } from '../protocol/protocol-failure.js';
import type { ClientRegistrar } from '../registration/client-registration.js';
import { DEVICE_CODE_GRANT } from '../registration/dynamic-registration.js';
import type { ChosenServer } from '../registration/server-choice.js';
import type { RegisteredFor } from '../registration/shared-registration.js';
import type { SessionSettings } from '../session/session-settings.js';
import type { SessionState } from '../session/session-state.js';
import { DEVICE_AUTHORIZATION_ENDPOINT } from './user-code.js';

/** What servers say where a client is not registered for the device grant. */
const NOT_REGISTERED = ['unauthorized_client', 'unsupported_grant_type', 'invalid_request'];

export interface DeviceAuthorizationParts {
  readonly registrar: ClientRegistrar;
  readonly deviceEndpoint: DeviceAuthorizationEndpoint;
  readonly onClientRejected: (issuer: string, clientId: string) => Promise<void>;
}

export interface DeviceAuthorizationOrder {
  readonly state: SessionState;
  readonly settings: SessionSettings;
  readonly chosen: ChosenServer;
  /** Scopes that a step-up has to add. */
  readonly stepUpScope: string | undefined;
  /** The login that stands in the record now. */
  readonly before: Grant | undefined;
  readonly signal: AbortSignal;
}

/** A login that the server awaits a person for. */
export interface AwaitedAuthorization {
  readonly target: LoginTarget;
  readonly answer: DeviceAuthorizationResponse;
}

/**
 * Announces a login on another device to the server (RFC 8628 section 3.1), by the client that browser logins have too.
 *
 * @throws {TokenRequestError} the server refused: most often this client, which is not registered for the device grant.
 * @throws {RegistrationError | TransientError | StoreError | InvalidConfigError | UnsafeUrlError | DpopUnsupportedError}
 */
export async function authorizedDevice(
  parts: DeviceAuthorizationParts,
  order: DeviceAuthorizationOrder,
): Promise<AwaitedAuthorization> {
  const { issuer } = order.chosen.discovered.server;
  try {
    const registered = await client(parts, order);
    try {
      return await asked(parts, order, registered);
    } catch (error) {
      if (!(error instanceof ProtocolFailure) || error.error !== 'invalid_client') throw error;
      await parts.onClientRejected(issuer, registered.client.client_id);
      if (registered.fresh) throw error;
    }
    // The server forgot a client that it had registered itself.
    return await asked(parts, order, await client(parts, order));
  } catch (error) {
    if (error instanceof ProtocolFailure) throw refused(issuer, error);
    throw error;
  }
}

async function client(
  { registrar }: DeviceAuthorizationParts,
  { chosen, settings }: DeviceAuthorizationOrder,
): Promise<RegisteredFor> {
  const { way, discovered } = chosen;
  if (way.kind !== 'dynamic') return { client: way.client, fresh: true };
  const { candidates } = redirectUris(true, settings.callbackPort);
  return await registrar.register(discovered.server, way.registration_endpoint, candidates);
}

async function asked(
  { deviceEndpoint }: DeviceAuthorizationParts,
  { state, settings, chosen, stepUpScope, before, signal }: DeviceAuthorizationOrder,
  registered: RegisteredFor,
): Promise<AwaitedAuthorization> {
  const { discovered } = chosen;
  const { resource } = state.key;
  const { challenge } = state;
  const scope = selectScope(
    {
      configured: settings.scopes,
      challenged: challenge?.scope,
      stepUp: stepUpScope,
      granted: stepUpScope === undefined ? undefined : before?.tokens.scope,
    },
    discovered,
  );
  const server = pinned(discovered);
  const { resourceIndicator } = discovered;
  const dpop = await state.dpop.binding({ resource, challenge, discovered, canProve: true });
  const answer = await deviceEndpoint.authorize({
    server,
    endpoint: discovered.server.device_authorization_endpoint ?? '',
    client: registered.client,
    keys: state.keys,
    scope,
    resourceIndicator,
    signal,
  });
  return { target: { server, client: registered.client, resourceIndicator, scope, dpop }, answer };
}

function refused(issuer: string, { kind, error, status }: ProtocolFailure): TokenRequestError {
  const hint = NOT_REGISTERED.includes(error ?? '')
    ? `. Register this client for the grant type ${DEVICE_CODE_GRANT} there, if it is not, or log in with a browser`
    : '';
  const problem =
    kind === 'refused'
      ? `refused this client's request (${error ?? 'unknown_error'})${hint}`
      : 'gave no usable answer';
  return new TokenRequestError(issuer, problem, {
    endpoint: DEVICE_AUTHORIZATION_ENDPOINT,
    ...(error === undefined ? {} : { error }),
    ...(status === undefined ? {} : { status }),
  });
}
