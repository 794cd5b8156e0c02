import { AuthorizationRequiredError } from '@mcp-oauth/core';
import { CredentialsRenewedError } from '@mcp-oauth/transport-factory';

/**
 * What a host with an `authProvider` does, as both SDKs document it: on `UnauthorizedError` it ends the login that
 * the SDK has begun, and repeats. Nothing bounds that here: it is for the library to end it.
 */
export async function repeated<T>(call: () => Promise<T>, logIn: () => Promise<void>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
      if (!(error instanceof CredentialsRenewedError)) await logIn();
    }
  }
}

function isUnauthorized(error: unknown): boolean {
  // By its name, as hosts do that know both majors.
  return (
    error instanceof AuthorizationRequiredError ||
    (error instanceof Error && error.constructor.name === 'UnauthorizedError') ||
    error instanceof CredentialsRenewedError
  );
}
