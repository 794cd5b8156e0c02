export { createOAuthClient } from './create-oauth-client.js';
export type { FetchOption, OAuthClientOptions, OAuthClientSettings } from './create-oauth-client.js';
export { OAuthClient } from './oauth-client.js';
export type {
  CompletedAuthorization,
  OwnerArgument,
  OwnerArguments,
  Owners,
  SessionAddress,
} from './oauth-client.js';
export { OAuthSession } from './session/oauth-session.js';
export type {
  AuthorizeDeviceOptions,
  AuthorizeOptions,
  BeginAuthorizationOptions,
  BegunWebAuthorization,
  CurrentToken,
  CurrentTokenOptions,
  DelegationOptions,
  SignalOptions,
} from './session/session-options.js';
export type { DelegatedAuthorization } from './authorization/delegated-authorization.js';
export type { TokenResponse as DelegatedTokens } from './token/token-set.js';
export type { TokenIdentity, TokenType } from './credentials/credentials.js';
export type { AuthorizationServerMetadata } from './discovery/authorization-server.js';
export { healthChecks } from './health/health-report.js';
export type { HealthCheckId, HealthFinding, HealthReport, HealthStatus } from './health/health-report.js';
export type { SessionSettings } from './session/session-settings.js';
export type { ForgottenSession } from './session/owner-sessions.js';
export type { SessionStatus } from './session/session-status.js';
export { canonicalResource } from './session-key/session-key.js';
export type { Owner, SessionKey } from './session-key/session-key.js';
export type { EventSubject, OAuthClientEvent, OnEvent } from './events.js';
export { isLoopback } from './http/safe-url.js';
export type { FetchLike } from './http/bounded-request.js';
export type { ClientKey, TokenEndpointAuthMethod } from './registration/client-key.js';
export type {
  AssertionRequest,
  AssertionSource,
  IdentityProvider,
  MachineGrant,
} from './machine-login/machine-grant.js';
export type { DpopOption } from './dpop/dpop.js';
export type { DpopProofRequest, DpopProver } from './dpop/dpop-prover.js';
export type { DevicePrompt, UserCode } from './ports/device-prompt.js';
export type { ClientMetadata } from './registration/client-metadata.js';
export {
  clientMetadataDocument,
  clientMetadataDocumentHeaders,
} from './registration/client-metadata-document.js';
export type {
  ClientMetadataDocument,
  ClientMetadataDocumentOptions,
} from './registration/client-metadata-document.js';
export type { Audience } from './resource/session-fetch.js';
export type { RevocationReport, TokenRevocation } from './revocation/revocation.js';
export type { RevocationOutcome } from './protocol/revocation-endpoint.js';
export type { InvalidationKind } from './token/invalidation.js';
export type { RefreshOptions } from './token/refresh-timing.js';
export { MemoryTokenStore } from './in-memory/memory-token-store.js';
export { isWatchable } from './record/store-trouble.js';
export type { Browser, BrowserOptions, BrowserResult } from './ports/browser.js';
export type {
  AuthorizationCallback,
  CallbackListener,
  CallbackPage,
  ListeningCallback,
  ListenOptions,
} from './ports/callback-listener.js';
export type { ProcessIdentity } from './ports/process-identity.js';
export type { RedirectPrompt, RedirectPromptRequest } from './ports/redirect-prompt.js';
export type {
  CallOptions,
  CompareAndSetResult,
  ListedRecord,
  ListOptions,
  RecordKey,
  StoredRecord,
  TokenStore,
  Version,
  WatchableTokenStore,
  WriteOptions,
} from './ports/token-store.js';
export {
  AuthorizationDeniedError,
  AuthorizationRequiredError,
  AuthorizationTimeoutError,
  BlockedAddressError,
  BrowserError,
  CallbackRejectedError,
  ClientClosedError,
  DiscoveryError,
  DpopUnsupportedError,
  InvalidConfigError,
  IssuerMismatchError,
  LimitExceededError,
  OAuthClientError,
  PkceUnsupportedError,
  RegistrationError,
  ResourceMismatchError,
  StepUpExhaustedError,
  StoreError,
  TokenRequestError,
  TransientError,
  UnsafeUrlError,
} from './errors.js';
export type {
  AnyOAuthClientError,
  AuthorizationRequiredReason,
  BlockedAddressReason,
  CallbackRejectedReason,
  DpopUnsupportedReason,
  OAuthClientErrorCode,
  StepUpExhaustedReason,
  StoreErrorKind,
  StoreErrorOptions,
} from './errors.js';
