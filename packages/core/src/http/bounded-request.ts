import {
  BlockedAddressError,
  LimitExceededError,
  OAuthClientError,
  TransientError,
  UnsafeUrlError,
} from '../errors.js';
import { Deadline, DeadlineExceeded } from '../time/deadline.js';
import { abortable } from '../time/sleep.js';
import { safeUrl } from './safe-url.js';

/** The part of `fetch` that this library uses. */
export type FetchLike = (url: string | URL, init?: RequestInit) => Promise<Response>;

export interface BoundedRequest {
  readonly url: string | URL;
  /** Which metadata field named the address. */
  readonly field: string;
  readonly init?: RequestInit;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** An answer that was read to its end. */
export interface BoundedResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/**
 * Sends one request and reads the whole answer, within bounds of time and size. Never follows a redirect.
 *
 * @throws {TransientError} no answer, or not all of it.
 * @throws {LimitExceededError} more bytes than allowed, counted after decompression.
 * @throws {UnsafeUrlError | BlockedAddressError} the address must not be used; nothing was sent.
 */
export async function boundedRequest(fetch: FetchLike, request: BoundedRequest): Promise<BoundedResponse> {
  const url = safeUrl(String(request.url), request.field);
  const deadline = new Deadline(request.timeoutMs);
  const signal = request.signal ? AbortSignal.any([request.signal, deadline.signal]) : deadline.signal;
  try {
    // A host's own fetch may not heed the signal; the deadline holds all the same.
    return await abortable(
      exchange(fetch, url, { ...request.init, redirect: 'manual', signal }, request.maxBytes),
      signal,
    );
  } catch (error) {
    if (error instanceof OAuthClientError) throw refusal(error, request.field);
    request.signal?.throwIfAborted();
    // What the runtime threw may quote a header or a body, so it is neither passed on nor kept as a cause.
    throw new TransientError(`${url.host} could not be reached (${describe(error, deadline.signal)}).`);
  } finally {
    deadline.clear();
  }
}

async function exchange(
  fetch: FetchLike,
  url: URL,
  init: RequestInit,
  maxBytes: number,
): Promise<BoundedResponse> {
  const response = await fetch(url, init);
  return {
    status: response.status,
    headers: response.headers,
    body: await readBody(response, maxBytes, url.host),
  };
}

async function readBody(response: Response, maxBytes: number, host: string): Promise<string> {
  if (!response.body) return '';
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > maxBytes) {
      await reader.cancel();
      throw new LimitExceededError(`The answer of ${host}`, `${String(maxBytes)} bytes`);
    }
    text += decoder.decode(value, { stream: true });
  }
}

/**
 * What a host's guarded fetch refuses to do, by errors of this library, which hold nothing of the answer. It can't know
 * which metadata field named the address.
 */
export function refusal(error: OAuthClientError, field: string): OAuthClientError {
  if (error instanceof BlockedAddressError) return new BlockedAddressError(field, error.host, error.reason);
  if (error instanceof UnsafeUrlError) return new UnsafeUrlError(field, error.problem);
  return error;
}

/** A network failure in a word or two: an errno code where there is one, never free text. */
function describe(error: unknown, deadline: AbortSignal): string {
  if (deadline.aborted && deadline.reason instanceof DeadlineExceeded) return deadline.reason.message;
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    const code: unknown = Reflect.get(cause, 'code');
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code)) return code;
  }
  return 'connection failed';
}
