/** Where in a reply the connection is cut. */
export type DropPoint = 'before_headers' | 'after_headers' | 'mid_body';

/** The request is answered as it should be. */
export interface Pass {
  readonly kind: 'pass';
}

/** The request is not worked on at all. */
export type RefusalFault =
  | { readonly kind: 'reset'; readonly at: DropPoint }
  | {
      readonly kind: 'respond';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string | Uint8Array;
    }
  | { readonly kind: 'slow_body'; readonly body: string; readonly everyMs: number }
  | { readonly kind: 'endless_body'; readonly opening: string; readonly chunk: string }
  | { readonly kind: 'silent' };

/** The request is worked on, and then the reply is lost or late. */
export type ReplyFault =
  | { readonly kind: 'process_then_drop'; readonly at: DropPoint }
  | { readonly kind: 'process_then_wait'; readonly ms: number };

/** What happens to one request. Plain data. */
export type Fault = Pass | RefusalFault | ReplyFault;

const html = { 'content-type': 'text/html; charset=utf-8' };

/** The faults that servers and networks in the field show. */
export const faults = {
  /** Lets one request through, between others that fail. */
  pass: (): Pass => ({ kind: 'pass' }),
  /** Cuts the connection (RST). Nothing is processed. */
  reset: (at: DropPoint = 'before_headers'): RefusalFault => ({ kind: 'reset', at }),
  /** Does the work, rotates the token, and loses the reply. */
  processThenDrop: (at: DropPoint = 'before_headers'): ReplyFault => ({ kind: 'process_then_drop', at }),
  /** Does the work at once and answers late. */
  processThenWait: (ms: number): ReplyFault => ({ kind: 'process_then_wait', ms }),
  /** Takes the request and never answers. Nothing is processed. */
  silent: (): RefusalFault => ({ kind: 'silent' }),
  /** One byte every so many milliseconds. Nothing is processed. */
  slowBody: (everyMs: number, body = '{"access_token":"never whole"}'): RefusalFault => ({
    kind: 'slow_body',
    body,
    everyMs,
  }),
  /** JSON that never ends. */
  endlessBody: (opening = '{"x":"', chunk = 'a'.repeat(16_384)): RefusalFault => ({
    kind: 'endless_body',
    opening,
    chunk,
  }),
  respond: (
    status: number,
    body: string | Uint8Array = '',
    headers: Record<string, string> = {},
  ): RefusalFault => ({
    kind: 'respond',
    status,
    headers,
    body,
  }),
  json: (status: number, body: unknown, headers: Record<string, string> = {}): RefusalFault =>
    faults.respond(status, JSON.stringify(body), { 'content-type': 'application/json', ...headers }),
  internalError: (): RefusalFault => faults.respond(500),
  unavailableHtml: (): RefusalFault =>
    faults.respond(503, '<!doctype html><title>503</title><h1>Service unavailable</h1>', html),
  tooManyRequests: (retryAfter?: string): RefusalFault =>
    faults.respond(429, 'slow down', retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  /** A captive portal. */
  htmlOk: (): RefusalFault =>
    faults.respond(200, '<!doctype html><title>Hotel Wi-Fi</title><h1>Welcome</h1>', html),
  /** An error inside a 200, as some vendors do. */
  errorInOk: (error: string): RefusalFault => faults.json(200, { error }),
  /** RFC 6749 section 5.2. */
  oauthError: (error: string, status = 400, description?: string): RefusalFault =>
    faults.json(status, description === undefined ? { error } : { error, error_description: description }),
  redirect: (location: string, status = 307): RefusalFault => faults.respond(status, '', { location }),
} as const;

/** Faults in the order in which they were queued, for each endpoint. */
export class FaultQueues<Endpoint extends string, Kind extends Fault> {
  readonly #queued = new Map<Endpoint, Kind[]>();
  readonly #standing = new Map<Endpoint, Kind>();

  /** The next requests to this endpoint meet these, one each. */
  queue(endpoint: Endpoint, ...next: readonly Kind[]): void {
    this.#queued.set(endpoint, [...(this.#queued.get(endpoint) ?? []), ...next]);
  }

  /** Every request to this endpoint meets this one, after those that are queued. */
  always(endpoint: Endpoint, fault: Kind): void {
    this.#standing.set(endpoint, fault);
  }

  /** Forgets what was planned, for one endpoint or for all. */
  heal(endpoint?: Endpoint): void {
    if (endpoint === undefined) {
      this.#queued.clear();
      this.#standing.clear();
    } else {
      this.#queued.delete(endpoint);
      this.#standing.delete(endpoint);
    }
  }

  take(endpoint: Endpoint): Kind | Pass {
    return this.#queued.get(endpoint)?.shift() ?? this.#standing.get(endpoint) ?? faults.pass();
  }
}
