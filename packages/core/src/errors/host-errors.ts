import { OAuthClientError } from './oauth-client-error.js';

export type StoreErrorKind =
  | 'unavailable'
  | 'misconfigured'
  | 'corrupt'
  | 'permission'
  | 'full'
  | 'read_only'
  | 'schema'
  | 'busy'
  | 'key_unavailable';

/** The token store could not do its work. Never means "not logged in". */
export class StoreError extends OAuthClientError {
  readonly code = 'store_failed';
  readonly kind: StoreErrorKind;

  constructor(kind: StoreErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
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
