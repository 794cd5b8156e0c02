import { type FetchLike, LimitExceededError } from '@mcp-oauth/core';
import { allowedUrl } from './allowed-url.js';
import { type Answer, answerOf, responseOf } from './answer.js';
import { Connections } from './connections.js';
import { Cutoff } from './cutoff.js';
import {
  allowedOriginsOf,
  type GuardedFetchOptions,
  type Limits,
  limitsOf,
} from './guarded-fetch-options.js';
import { failed, networkFailure } from './network-failure.js';
import { type OutgoingRequest, outgoingRequest } from './outgoing-request.js';
import { isRedirect, redirected } from './redirect.js';

const MAX_REDIRECTS = 3;

export interface GuardedFetch extends FetchLike {
  /** Ends every request and connection, at once. Requests after it are refused. May be called twice. */
  close(): Promise<void>;
}

/**
 * A `fetch` for hosts where strangers name the URLs: MCP servers and authorization servers do. It sends over https
 * alone, to the public Internet alone, by every redirect too, and bounds what comes back. Proxies that the environment
 * names are not used: they would resolve the names out of its sight.
 *
 * It rejects, and errors the body, with
 * - `UnsafeUrlError`: not https, credentials in the URL, a redirect that would send a body elsewhere;
 * - `BlockedAddressError`: the host is, or any of its addresses is, not one of the public Internet;
 * - `LimitExceededError`: too many bytes, redirects or content codings, or too slow;
 * - `TypeError`: the network failed, as with `fetch`; `cause.code` is the errno code where there is one;
 * - the reason of the caller's signal.
 *
 * @throws {InvalidConfigError}
 */
export function guardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const guarded = new Guarded(options);
  return Object.assign((url: string | URL, init?: RequestInit) => guarded.fetch(url, init), {
    close: () => guarded.close(),
  });
}

class Guarded {
  readonly #limits: Limits;
  readonly #allowedOrigins: ReadonlySet<string>;
  readonly #connections: Connections;
  readonly #inFlight = new Set<Cutoff>();
  #isClosed = false;

  constructor(options: GuardedFetchOptions) {
    this.#limits = limitsOf(options);
    this.#allowedOrigins = allowedOriginsOf(options);
    this.#connections = new Connections(options, this.#allowedOrigins);
  }

  async fetch(value: string | URL, init: RequestInit = {}): Promise<Response> {
    const url = allowedUrl(value, 'url', this.#allowedOrigins);
    if (this.#isClosed) throw closed();
    init.signal?.throwIfAborted();
    const cutoff: Cutoff = new Cutoff(url.host, init.signal, () => this.#inFlight.delete(cutoff));
    this.#inFlight.add(cutoff);
    try {
      cutoff.limitTotal(this.#limits.timeoutMs);
      cutoff.limitStep(this.#limits.headersTimeoutMs, 'to its headers');
      const first = await cutoff.race(outgoingRequest(url, init));
      const { answer, request } = await this.#follow(first, init.redirect ?? 'follow', cutoff);
      cutoff.limitStep(undefined, '');
      return responseOf(answer, request, request !== first, this.#limits, cutoff);
    } catch (error) {
      cutoff.end(error);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const cutoff of this.#inFlight) cutoff.end(closed());
    await this.#connections.close();
  }

  async #follow(
    first: OutgoingRequest,
    mode: RequestRedirect,
    cutoff: Cutoff,
  ): Promise<{ readonly answer: Answer; readonly request: OutgoingRequest }> {
    let request = first;
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#send(request, cutoff);
      const location = isRedirect(answer.status) ? answer.headers.get('location') : null;
      if (location === null || mode === 'manual') return { answer, request };
      answer.body.destroy();
      const { host } = request.url;
      if (mode === 'error') throw failed(`${host} answered with a redirect, which was not wanted`);
      if (redirects >= MAX_REDIRECTS) {
        throw new LimitExceededError(`The answer of ${host}`, `${MAX_REDIRECTS} redirects`);
      }
      request = redirected(request, answer.status, location, this.#allowedOrigins);
    }
  }

  async #send(request: OutgoingRequest, cutoff: Cutoff): Promise<Answer> {
    const { url } = request;
    const agent = await cutoff.race(this.#connections.agent());
    const sent = agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: request.method,
      headers: [...request.headers].flat(),
      body: request.body,
      signal: cutoff.signal,
    });
    const data = await cutoff.race(sent).catch((error: unknown) => {
      // undici hears the signal only once it is connected, so its answer may still come, and nobody waits for it.
      sent.then(
        ({ body }) => body.on('error', () => undefined).destroy(),
        () => undefined,
      );
      throw cutoff.signal.aborted ? cutoff.signal.reason : networkFailure(error, url, request.field);
    });
    return answerOf(data, url.host);
  }
}

function closed(): TypeError {
  return new TypeError('This guarded fetch was closed.');
}
