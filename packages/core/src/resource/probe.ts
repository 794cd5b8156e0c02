import { challengeOf } from '../discovery/challenge.js';
import type { Challenge } from '../discovery/challenge.js';
import { BlockedAddressError, TransientError, UnsafeUrlError } from '../errors.js';
import { refusal } from '../http/bounded-request.js';
import type { FetchLike } from '../http/bounded-request.js';
import { discardBody } from '../http/unread-body.js';
import { Deadline } from '../time/deadline.js';
import { abortable } from '../time/sleep.js';

const TIMEOUT_MS = 10_000;

/** `undefined`: the server answers without a login, or doesn't tell. */
export type ProbeResult = Challenge | undefined;

/**
 * Asks an MCP server for a challenge.
 *
 * @throws {TransientError} the server can't be reached.
 * @throws {BlockedAddressError | UnsafeUrlError} the host's own fetch doesn't go there.
 */
export async function probe(
  fetch: FetchLike,
  resource: string,
  signal: AbortSignal | undefined,
): Promise<ProbeResult> {
  const response = await answerWithoutToken(fetch, resource, signal);
  return response.status === 401 ? challengeOf(response) : undefined;
}

/**
 * What an MCP server answers to a `ping` without a token, and where it takes no POST, as servers of the old SSE
 * transport, to the opening of a stream. No body is read.
 *
 * @throws {TransientError} the server can't be reached.
 * @throws {BlockedAddressError | UnsafeUrlError} the host's own fetch doesn't go there.
 */
export async function answerWithoutToken(
  fetch: FetchLike,
  resource: string,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const ping = await send(fetch, resource, signal, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 'probe', method: 'ping' }),
  });
  if (ping.status !== 404 && ping.status !== 405) return ping;
  return await send(fetch, resource, signal, { headers: { accept: 'text/event-stream' } });
}

async function send(
  fetch: FetchLike,
  resource: string,
  signal: AbortSignal | undefined,
  init: RequestInit,
): Promise<Response> {
  const deadline = new Deadline(TIMEOUT_MS);
  try {
    const either = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal;
    // A host's own fetch may not heed the signal; the deadline holds all the same.
    return await abortable(unread(fetch(resource, { ...init, redirect: 'manual', signal: either })), either);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof BlockedAddressError || error instanceof UnsafeUrlError) {
      throw refusal(error, 'the MCP server URL');
    }
    // Whatever else the runtime threw: the address is the caller's own, so that nothing but the connection can be wrong.
    throw new TransientError(`${resource} could not be reached.`);
  } finally {
    deadline.clear();
  }
}

async function unread(answering: Promise<Response>): Promise<Response> {
  const response = await answering;
  await discardBody(response);
  return response;
}
