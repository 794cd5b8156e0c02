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
  InvalidConfigError,
  IssuerMismatchError,
  LimitExceededError,
  OAuthClientError,
  PkceUnsupportedError,
  RegistrationError,
  ResourceMismatchError,
  StoreError,
  TokenRequestError,
  TransientError,
  UnsafeUrlError,
} from './errors.js';
export type {
  AnyOAuthClientError,
  AuthorizationRequiredReason,
  CallbackRejectedReason,
  OAuthClientErrorCode,
  StoreErrorKind,
} from './errors.js';
