import type { Agent } from 'undici';
import { allAddresses, socketLookup } from './checked-lookup.js';
import { type GuardedFetchOptions, positive } from './guarded-fetch-options.js';

const MAX_HEADER_BYTES = 32 * 1_024;
const CONNECT_TIMEOUT_MS = 10_000;
/** A server may ask for longer, and would then hold sockets of this host for as long as it likes. */
const IDLE_CONNECTION_MS = 4_000;

/** The connections of one guarded fetch. Idle ones keep no process alive. */
export class Connections {
  readonly #options: GuardedFetchOptions;
  readonly #allowedOrigins: ReadonlySet<string>;
  readonly #perOrigin: number;
  #agent: Promise<Agent> | undefined;

  /** @throws {InvalidConfigError} */
  constructor(options: GuardedFetchOptions, allowedOrigins: ReadonlySet<string>) {
    this.#options = options;
    this.#allowedOrigins = allowedOrigins;
    this.#perOrigin = positive('maxConnectionsPerOrigin', options.maxConnectionsPerOrigin ?? 1_024, 65_535);
  }

  /** Loads `undici` at the first request: it costs a tenth of a second, which a program that sends none should not pay. */
  agent(): Promise<Agent> {
    return (this.#agent ??= this.#open());
  }

  async close(): Promise<void> {
    const agent = await this.#agent;
    await agent?.destroy();
  }

  async #open(): Promise<Agent> {
    // An undici that comes first makes itself the one behind the host's global fetch. It doesn't: by now the request
    // was read by a `Request` of the runtime, whose own undici came with it.
    const { Agent, Pool } = await import('undici');
    const { lookup = allAddresses } = this.#options;
    return new Agent({
      factory: (origin) =>
        new Pool(origin, {
          connections: this.#perOrigin,
          pipelining: 1,
          allowH2: false,
          maxHeaderSize: MAX_HEADER_BYTES,
          // Both are counted by the request itself, which knows an event stream from a document.
          headersTimeout: 0,
          bodyTimeout: 0,
          keepAliveTimeout: IDLE_CONNECTION_MS,
          keepAliveMaxTimeout: IDLE_CONNECTION_MS,
          connect: {
            timeout: CONNECT_TIMEOUT_MS,
            lookup: socketLookup(lookup, this.#allowedOrigins.has(String(origin))),
          },
        }),
    });
  }
}
