import { AuthorizationRequiredError, OAuthClientError } from '@mcp-oauth/core';
import type { OAuthSession } from '@mcp-oauth/core';
import type { SdkTransport, SdkTransports, SseFailure } from './sdk-transports.js';

/**
 * Logs the person in inside `start()`, where no request timer runs yet. Without any way to ask a person, `start` goes
 * on and the first request rejects with `AuthorizationRequiredError`. Closing the transport ends a login that waits.
 */
export function withLoginOnStart<T extends SdkTransport>(
  transport: T,
  session: OAuthSession,
  SseError: SdkTransports<T>['SseError'],
): T {
  const start = transport.start.bind(transport);
  const close = transport.close.bind(transport);
  const closing = new AbortController();
  let isStarted = false;
  transport.start = async () => {
    if (isStarted) throw new Error('This transport was already started.');
    isStarted = true;
    try {
      if (session.canAskPerson && (await needsLogin(session, closing.signal))) {
        await session.authorize({ signal: closing.signal });
      }
      closing.signal.throwIfAborted();
      await start();
    } catch (error) {
      if (closing.signal.aborted) throw error;
      // The SDK's client would stay bound to a transport that never started, and refuse another one.
      await close();
      throw error instanceof SseError ? await cause(error, session) : error;
    }
  };
  transport.close = async () => {
    closing.abort(new DOMException('The transport was closed.', 'AbortError'));
    await close();
  };
  return transport;
}

async function needsLogin(session: OAuthSession, signal: AbortSignal): Promise<boolean> {
  try {
    await session.currentToken({ dpop: true, signal });
    return false;
  } catch (error) {
    if (!(error instanceof AuthorizationRequiredError)) throw error;
    return await session.requiresLogin({ signal });
  }
}

/** An event stream passes on a status alone: 401, or 503 where no token could be had. The session knows more. */
async function cause(error: SseFailure, session: OAuthSession): Promise<unknown> {
  if (error.code !== 401 && error.code !== 503) return error;
  const isRefused = error.code === 401;
  try {
    if (isRefused) await session.requiresLogin();
    await session.currentToken({ dpop: true });
  } catch (reason) {
    if (!(reason instanceof OAuthClientError)) throw reason;
    return isRefused || !(reason instanceof AuthorizationRequiredError) ? reason : error;
  }
  return isRefused ? new AuthorizationRequiredError(session.key.resource, 'token_refused') : error;
}
