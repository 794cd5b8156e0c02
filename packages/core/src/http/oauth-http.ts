import { TransientError } from '../errors.js';
import type { Clock } from '../time/clock.js';
import { boundedRequest } from './bounded-request.js';
import type { BoundedResponse, FetchLike } from './bounded-request.js';
import { retryAfterMs } from './retry-after.js';

/** Metadata is some kilobytes; a token response with a large JWT some more. */
const MAX_BYTES = { metadata: 256 * 1_024, endpoint: 1_024 * 1_024 };
const METADATA_TIMEOUT_MS = 10_000;
const MAX_REDIRECTS = 3;

/** The newest revision that servers are known to take at these addresses; what a later one adds is asked for all the same. */
const MCP_PROTOCOL_VERSION = '2025-11-25';

export interface EndpointRequest {
  /** Which metadata field named the address. */
  readonly field: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Sends the requests of this library itself, none of which carries a transport's headers or cookies. */
export class OAuthHttp {
  readonly #fetch: FetchLike;
  readonly #clock: Clock;

  constructor(fetch: FetchLike, clock: Clock) {
    this.#fetch = fetch;
    this.#clock = clock;
  }

  /** Follows redirects within the origin, as documents are moved, not secrets. */
  async getMetadata(url: URL, field: string, signal?: AbortSignal): Promise<BoundedResponse> {
    let target = url;
    for (let hops = 0; ; hops++) {
      const response = await boundedRequest(this.#fetch, {
        url: target,
        field,
        init: { headers: { accept: 'application/json', 'mcp-protocol-version': MCP_PROTOCOL_VERSION } },
        maxBytes: MAX_BYTES.metadata,
        timeoutMs: METADATA_TIMEOUT_MS,
        signal,
      });
      const location = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || !location) return response;
      const next = URL.parse(location, target);
      if (next?.origin !== target.origin || hops >= MAX_REDIRECTS) return response;
      target = next;
    }
  }

  /**
   * Sends to an endpoint of an authorization server, where secrets go: no redirect is followed.
   *
   * @throws {TransientError} for every answer that says nothing about the request itself: 408, 429, 5xx, 3xx.
   */
  async send(url: string, init: RequestInit, request: EndpointRequest): Promise<BoundedResponse> {
    const response = await boundedRequest(this.#fetch, {
      ...request,
      url,
      init,
      maxBytes: MAX_BYTES.endpoint,
    });
    if (isTransient(response.status)) {
      throw new TransientError(
        `The ${request.field} of ${new URL(url).host} answered with status ${String(response.status)}.`,
        retryAfterMs(response.headers, this.#clock.now()),
      );
    }
    return response;
  }
}

/** Whether an answer says nothing about the request itself. */
export function isTransient(status: number): boolean {
  return isOverloaded(status) || (status >= 300 && status <= 399);
}

/** Whether the server, as it says, can't answer now. */
export function isOverloaded(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}
