import { AuthorizationRequiredError } from '@mcp-oauth/core';
import type { OAuthSession } from '@mcp-oauth/core';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';

/**
 * Logs the person in inside `start()`, where no request timer runs yet. Without any way to ask a person, `start` goes
 * on and the first request rejects with `AuthorizationRequiredError`. Closing the transport ends a login that waits.
 */
export function withLoginOnStart<T extends Transport>(transport: T, session: OAuthSession): T {
  const start = transport.start.bind(transport);
  const close = transport.close.bind(transport);
  const closing = new AbortController();
  transport.start = async () => {
    if (session.canAskPerson && (await needsLogin(session, closing.signal))) {
      await session.authorize({ signal: closing.signal });
    }
    await start();
  };
  transport.close = async () => {
    closing.abort(new DOMException('The transport was closed.', 'AbortError'));
    await close();
  };
  return transport;
}

async function needsLogin(session: OAuthSession, signal: AbortSignal): Promise<boolean> {
  try {
    await session.accessToken({ signal });
    return false;
  } catch (error) {
    if (!(error instanceof AuthorizationRequiredError)) throw error;
    return await session.requiresLogin({ signal });
  }
}
