import type {
  AuthorizationRequiredError,
  AuthorizationDeniedError,
  AuthorizationTimeoutError,
  CallbackRejectedError,
  StepUpExhaustedError,
} from './errors/authorization-errors.js';
import type {
  StoreError,
  InvalidConfigError,
  BrowserError,
  ClientClosedError,
} from './errors/host-errors.js';
import type {
  DiscoveryError,
  IssuerMismatchError,
  ResourceMismatchError,
  PkceUnsupportedError,
  DpopUnsupportedError,
  RegistrationError,
  TokenRequestError,
  TransientError,
  UnsafeUrlError,
  BlockedAddressError,
  LimitExceededError,
} from './errors/server-errors.js';

export {
  AuthorizationRequiredError,
  AuthorizationDeniedError,
  AuthorizationTimeoutError,
  CallbackRejectedError,
  StepUpExhaustedError,
} from './errors/authorization-errors.js';
export type {
  AuthorizationRequiredReason,
  CallbackRejectedReason,
  StepUpExhaustedReason,
} from './errors/authorization-errors.js';
export {
  StoreError,
  storeErrorKinds,
  InvalidConfigError,
  BrowserError,
  ClientClosedError,
} from './errors/host-errors.js';
export type { StoreErrorKind, StoreErrorOptions } from './errors/host-errors.js';
export { OAuthClientError } from './errors/oauth-client-error.js';
export { quoted } from './errors/quoted.js';
export type { BlockedAddressReason, DpopUnsupportedReason } from './errors/server-errors.js';
export {
  DiscoveryError,
  IssuerMismatchError,
  ResourceMismatchError,
  PkceUnsupportedError,
  DpopUnsupportedError,
  RegistrationError,
  TokenRequestError,
  TransientError,
  UnsafeUrlError,
  BlockedAddressError,
  LimitExceededError,
} from './errors/server-errors.js';

/** The `code` of every error that this library throws on purpose. Part of the public contract. */
export type OAuthClientErrorCode = AnyOAuthClientError['code'];

/** Everything this library throws on purpose: `switch (error.code)` narrows it. */
export type AnyOAuthClientError =
  | AuthorizationRequiredError
  | AuthorizationDeniedError
  | AuthorizationTimeoutError
  | CallbackRejectedError
  | StepUpExhaustedError
  | DiscoveryError
  | IssuerMismatchError
  | ResourceMismatchError
  | PkceUnsupportedError
  | DpopUnsupportedError
  | RegistrationError
  | TokenRequestError
  | TransientError
  | UnsafeUrlError
  | BlockedAddressError
  | LimitExceededError
  | StoreError
  | InvalidConfigError
  | BrowserError
  | ClientClosedError;
