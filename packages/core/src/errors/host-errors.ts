import type { Version } from '../ports/token-store.js';
import { OAuthClientError } from './oauth-client-error.js';

export const storeErrorKinds = [
  'unavailable',
  'misconfigured',
  'corrupt',
  'permission',
  'full',
  'read_only',
  'schema',
  'busy',
  'key_unavailable',
] as const;

export type StoreErrorKind = (typeof storeErrorKinds)[number];

export interface StoreErrorOptions extends ErrorOptions {
  readonly version?: Version;
}

/** The token store could not do its work. Never means "not logged in". */
export class StoreError extends OAuthClientError {
  readonly code = 'store_failed';
  readonly kind: StoreErrorKind;
  /** Of a record that is there and can't be read (`corrupt`): what deletes it, when a person gives it up. */
  readonly version: Version | undefined;

  constructor(
    kind: StoreErrorKind,
    message: string,
    { version, ...options }: ErrorOptions & { readonly version?: Version } = {},
  ) {
    super(message, options);
    this.kind = kind;
    this.version = version;
  }
}

/** The host's configuration can't work. The message names what to change. */
export class InvalidConfigError extends OAuthClientError {
  readonly code = 'invalid_config';
}

/** No browser could be opened and nobody is there to be asked. */
export class BrowserError extends OAuthClientError {
  readonly code = 'browser_failed';
}

/** `close()` was called on the client. */
export class ClientClosedError extends OAuthClientError {
  readonly code = 'closed';

  constructor() {
    super('The OAuth client was closed.');
  }
}
