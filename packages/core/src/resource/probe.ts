import { challengeOf } from '../discovery/challenge.js';
import type { Challenge } from '../discovery/challenge.js';
import { TransientError } from '../errors.js';
import type { FetchLike } from '../http/bounded-request.js';
import { Deadline } from '../time/deadline.js';

const TIMEOUT_MS = 10_000;

/** `undefined`: the server answers without a login, or doesn't tell. */
export type ProbeResult = Challenge | undefined;

/**
 * Asks an MCP server for a challenge by a `ping` without a token, and where it takes no POST, as servers of the old
 * SSE transport, by opening a stream. No body is read.
 *
 * @throws {TransientError} the server can't be reached.
 */
export async function probe(
  fetch: FetchLike,
  resource: string,
  signal: AbortSignal | undefined,
): Promise<ProbeResult> {
  const ping = await send(fetch, resource, signal, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 'probe', method: 'ping' }),
  });
  if (ping.status === 401) return challengeOf(ping);
  if (ping.status !== 404 && ping.status !== 405) return undefined;
  const stream = await send(fetch, resource, signal, { headers: { accept: 'text/event-stream' } });
  return stream.status === 401 ? challengeOf(stream) : undefined;
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
    const response = await fetch(resource, { ...init, redirect: 'manual', signal: either });
    await response.body?.cancel();
    return response;
  } catch {
    signal?.throwIfAborted();
    // Whatever the runtime threw: the address is the caller's own, so that nothing but the connection can be wrong.
    throw new TransientError(`${resource} could not be reached.`);
  } finally {
    deadline.clear();
  }
}
