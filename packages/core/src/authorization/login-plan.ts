import type { ClientInformation, DpopBinding, Grant } from '../credentials/credentials.js';
import type { Discovered } from '../discovery/discovery.js';
import { InvalidConfigError, TransientError } from '../errors.js';
import type { FetchLike } from '../http/bounded-request.js';
import type { OAuthHttp } from '../http/oauth-http.js';
import type { CallbackListener, ListeningCallback } from '../ports/callback-listener.js';
import type { ClientRegistrar, RegistrationWay } from '../registration/client-registration.js';
import { chooseServer } from '../registration/server-choice.js';
import type { ChosenServer } from '../registration/server-choice.js';
import { probe } from '../resource/probe.js';
import { randomToken } from '../session-key/digest.js';
import type { SessionSettings } from '../session/session-settings.js';
import { forgetChallenge } from '../session/session-state.js';
import type { SessionState } from '../session/session-state.js';
import type { PendingAuthorizations } from './pending-authorization.js';
import { listedRedirectUris, redirectUris } from './redirect-uris.js';
import type { RedirectUris } from './redirect-uris.js';
import { selectScope } from './scope.js';

export interface LoginPlanOptions {
  readonly fetch: FetchLike;
  readonly http: OAuthHttp;
  readonly registrar: ClientRegistrar;
  readonly pendings: PendingAuthorizations;
}

/** Everything a login needs to know before its authorization URL is made. */
export interface LoginPlan {
  readonly discovered: Discovered;
  readonly client: ClientInformation;
  /** Whether the client was registered for this very login. */
  readonly fresh: boolean;
  readonly redirectUri: string;
  readonly scope: string | undefined;
  /** The key that the tokens are to be bound to. */
  readonly dpop: DpopBinding | undefined;
  readonly listening: ListeningCallback | undefined;
}

export interface LoginPlanRequest {
  readonly state: SessionState;
  readonly settings: SessionSettings;
  /** Scopes that a step-up has to add. */
  readonly stepUpScope: string | undefined;
  /** The login that stands in the record now. */
  readonly before: Grant | undefined;
  /** Default: what {@link chosenServer} gives. */
  readonly chosen?: ChosenServer | undefined;
  /** The host's own address, or a listener on this machine. */
  readonly redirect: { readonly uri: string } | { readonly listener: CallbackListener | undefined };
  /** Whether whoever sends the token can send proofs with it. Default: yes. */
  readonly canProve?: boolean | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Discovers the server, binds the callback's port and gets a client identifier, in this order. */
export async function planLogin(options: LoginPlanOptions, request: LoginPlanRequest): Promise<LoginPlan> {
  const { registrar, pendings } = options;
  const { state, settings, before, stepUpScope, signal } = request;
  const { resource, profile } = state.key;
  const { discovered, way } =
    request.chosen ?? (await chosenServer(options, state, settings, before, signal));
  const { challenge } = state;
  const { canProve = true } = request;
  const dpop = await state.dpop.binding({ resource, challenge, discovered, canProve });
  const { candidates, anyPort } = callbackAddresses(way, request.redirect, settings);
  const listener = 'listener' in request.redirect ? request.redirect.listener : undefined;
  // The port is ours before anybody hears of it: no code can come to somebody else's.
  const listening = await listener?.listen({
    redirectUris: candidates,
    anyPort,
    ...(signal ? { signal } : {}),
  });
  try {
    const redirectUri = listening?.redirectUri ?? candidates[0];
    const registered = candidates.includes(redirectUri) ? candidates : [redirectUri];
    const { client, fresh } =
      way.kind === 'dynamic'
        ? await registrar.register(
            discovered.server,
            way.registration_endpoint,
            registered,
            await pendings.hasStale(state.partitionId, resource, profile),
          )
        : { client: way.client, fresh: true };
    const granted = stepUpScope === undefined ? undefined : before?.tokens.scope;
    const challenged = state.challenge?.scope;
    const asked = { configured: settings.scopes, challenged, stepUp: stepUpScope, granted };
    const scope = selectScope(asked, discovered);
    return { discovered, client, fresh, redirectUri, scope, dpop, listening };
  } catch (error) {
    await listening?.close();
    throw error;
  }
}

/** Where to log in, and how this client is known there. Asks the MCP server and the authorization server. */
export async function chosenServer(
  { fetch, http, registrar }: Pick<LoginPlanOptions, 'fetch' | 'http' | 'registrar'>,
  state: SessionState,
  settings: SessionSettings,
  before: Grant | undefined,
  signal: AbortSignal | undefined,
  onDevice = false,
): Promise<ChosenServer> {
  const { resource } = state.key;
  state.challenge ??= await probe(fetch, resource, signal);
  const { challenge } = state;
  const standing = before?.server.issuer;
  const parts = { http, registrar };
  return await chooseServer(parts, {
    resource,
    challenge,
    settings,
    dpop: state.dpop,
    standing,
    onDevice,
    signal,
  }).catch((error: unknown) => {
    forgetChallenge(state);
    throw error;
  });
}

/** The epoch to log in over. Written anew, so that a record without a grant outlives the flow that begins now. */
export async function loginEpoch(state: SessionState, issuer: string): Promise<string> {
  const { resource, profile } = state.key;
  const kept = await state.repository.change((current) =>
    current?.grant ? undefined : { resource, profile, epoch: randomToken(16), ...current, issuer },
  );
  if (!kept) throw new TransientError(`The login for ${resource} could not be begun. Try again.`);
  return kept.credentials.epoch;
}

function callbackAddresses(
  way: RegistrationWay,
  redirect: LoginPlanRequest['redirect'],
  { callbackPort }: SessionSettings,
): RedirectUris {
  const listed = way.kind === 'metadata_document' ? way.redirectUris : undefined;
  if (!('uri' in redirect)) {
    return listed
      ? listedRedirectUris(listed, callbackPort)
      : redirectUris(way.kind === 'dynamic', callbackPort);
  }
  if (listed && !listed.includes(redirect.uri)) {
    throw new InvalidConfigError(
      `The redirect address ${redirect.uri} is none of those that the client metadata document lists: ${listed.join(', ')}.`,
    );
  }
  return { candidates: [redirect.uri], anyPort: false };
}
