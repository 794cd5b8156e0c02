import { TransientError } from '@mcp-oauth/core';

/** The token was refused and has been renewed meanwhile: repeat the call. No person is needed. */
export class CredentialsRenewedError extends TransientError {
  constructor(resource: string) {
    super(`The token for ${resource} was renewed. Repeat the call.`, 0);
    // What the SDK passes to the caller as it is.
    this.name = 'UnauthorizedError';
  }
}
