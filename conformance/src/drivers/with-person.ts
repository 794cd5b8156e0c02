import { AuthorizationRequiredError } from '@mcp-oauth/core';
import type { OAuthSession } from '@mcp-oauth/core';

/**
 * A call of a host whose person is there: whenever the server wants another login, they log in, and the call is
 * repeated. Nothing bounds that here: it is for the library to end it, with an error of another kind.
 */
export async function withPerson<T>(session: OAuthSession, call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof AuthorizationRequiredError)) throw error;
      await session.authorize(error.scope === undefined ? {} : { scope: error.scope });
    }
  }
}
