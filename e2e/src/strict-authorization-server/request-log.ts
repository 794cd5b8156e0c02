import { nowMs } from '../http/clock.js';

/** `other` is every path that is none of the endpoints: what clients probe for. */
export const strictEndpoints = [
  'metadata',
  'authorize',
  'par',
  'device_authorization',
  'device',
  'token',
  'register',
  'revoke',
  'introspect',
  'other',
] as const;
export type StrictEndpoint = (typeof strictEndpoints)[number];

/** One request. Holds no secret: tokens and codes go by their ids (`family-1/refresh-2`). */
export interface RequestLogEntry {
  readonly endpoint: StrictEndpoint;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Milliseconds since the epoch, when the request had been read. */
  readonly at: number;
  /** When the reply was sent or given up. */
  readonly endedAt?: number;
  readonly headerNames: readonly string[];
  /** The names of the form or query parameters, as often as they came. */
  readonly parameterNames: readonly string[];
  readonly clientId?: string;
  readonly clientAuthentication?: 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt';
  readonly grantType?: string;
  readonly scope?: string;
  readonly resource?: string;
  /** The id of the token or code that was presented, or `unknown`. */
  readonly presented?: string;
  readonly issued?: readonly string[];
  /** The thumbprint of the key that a proof came with. */
  readonly jkt?: string;
  /** What a registration asked for. */
  readonly clientMetadata?: Readonly<Record<string, unknown>>;
  /** `ok`, the `error` code, or `fault` where the endpoint did not get to work. */
  readonly outcome?: string;
  /** The fault that this request met. */
  readonly fault?: string;
  readonly status?: number;
}

/** An entry while its request is being worked on. */
export type RequestNote = { -readonly [Member in keyof RequestLogEntry]: RequestLogEntry[Member] };

export type RequestCounts = Readonly<Record<StrictEndpoint, number>>;

export class RequestLog {
  readonly #entries: RequestNote[] = [];

  add(entry: Omit<RequestLogEntry, 'at'>): RequestNote {
    const note: RequestNote = { ...entry, at: nowMs() };
    this.#entries.push(note);
    return note;
  }

  entries(): readonly RequestLogEntry[] {
    return this.#entries.map((entry) => ({ ...entry }));
  }

  counts(): RequestCounts {
    const counts = Object.fromEntries(strictEndpoints.map((endpoint) => [endpoint, 0])) as Record<
      StrictEndpoint,
      number
    >;
    for (const { endpoint } of this.#entries) counts[endpoint] += 1;
    return counts;
  }

  clear(): void {
    this.#entries.length = 0;
  }
}
