import { bounded, paused } from './bounded.js';
import type { Bounds } from './bounded.js';
import { DeadlineError, failureOf, isNoScript, isReply, storeError } from './failures.js';
import type { Failure } from './failures.js';
import { isCluster, nameOf } from './redis-client.js';
import type { RedisClient, RedisCommands, RedisScripting } from './redis-client.js';
import type { Script } from './script.js';

const firstPauseMs = 20;
const longestPauseMs = 250;

/** Sends commands over the caller's client. Each ends by its deadline, and rejects with a `StoreError` or the reason. */
export class Connection {
  readonly #client: RedisClient & RedisScripting;
  #waiting = 0;
  #lastError: unknown;
  /** Of the waits before this one, since it was last seen connected. */
  #earlierError: unknown;
  #turningAway = false;

  constructor(client: RedisClient) {
    this.#client = client as RedisClient & RedisScripting;
  }

  send(
    bounds: Bounds,
    command: (client: RedisCommands & RedisScripting) => Promise<unknown>,
  ): Promise<unknown> {
    return this.#insist(bounds, () => command(this.#client));
  }

  run(
    bounds: Bounds,
    { source, sha1 }: Script,
    keys: readonly string[],
    args: readonly (string | Buffer)[],
  ): Promise<unknown> {
    const rest = [...keys, ...args];
    return this.#insist(bounds, async () => {
      try {
        return await this.#client.evalshaBuffer(sha1, keys.length, ...rest);
      } catch (error) {
        if (!isNoScript(error)) throw error;
        return this.#client.evalBuffer(source, keys.length, ...rest);
      }
    });
  }

  /** Resolves when the client is connected. */
  ready(bounds: Bounds): Promise<void> {
    return this.#insist(bounds, () => Promise.resolve());
  }

  async #insist<T>(bounds: Bounds, send: () => Promise<T>): Promise<T> {
    let turnedAway = false;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      const attempt = await this.#attempt(bounds, send);
      if ('result' in attempt) return attempt.result;
      const { failure } = attempt;
      const readOnly = failure.code === 'READONLY';
      const hopeless = !failure.passing || (readOnly && turnedAway);
      if (readOnly && !turnedAway) this.#turnAway();
      turnedAway ||= readOnly;
      if (hopeless || !(await paused(pauseMs, bounds))) throw storeError(failure, nameOf(this.#client));
    }
  }

  async #attempt<T>(
    bounds: Bounds,
    send: () => Promise<T>,
  ): Promise<{ readonly result: T } | { readonly failure: Failure }> {
    try {
      const notReady = await this.#notReady(bounds);
      if (notReady) return { failure: notReady };
      return { result: await bounded(send(), bounds) };
    } catch (error) {
      // Whatever a client rejects with may quote the command, and with it tokens: none of it goes further.
      bounds.signal?.throwIfAborted();
      return { failure: failureOf(error) };
    }
  }

  /**
   * Nothing is given to a client that is not connected: it would queue it without limit, and send it all when Redis
   * comes back, long after whoever asked has gone.
   */
  async #notReady(bounds: Bounds): Promise<Failure | undefined> {
    if (this.#client.status === 'ready') {
      this.#lastError = this.#earlierError = undefined;
      return undefined;
    }
    if (this.#waiting++ === 0) {
      this.#earlierError = this.#lastError ?? this.#earlierError;
      this.#lastError = undefined;
      this.#client.on('error', this.#remember);
    }
    try {
      // The reason comes as an event.
      if (this.#client.status === 'wait') this.#client.connect().catch(() => undefined);
      return await this.#connected(bounds);
    } finally {
      if (--this.#waiting === 0) this.#client.off('error', this.#remember);
    }
  }

  async #connected(bounds: Bounds): Promise<Failure | undefined> {
    while (this.#client.status !== 'ready') {
      const why = this.#lastError === undefined ? undefined : failureOf(this.#lastError);
      if (this.#client.status === 'end') return why ?? ended;
      if (why && !why.passing) return why;
      // Between two attempts of the client more time may pass than this call has: what the last one met still stands.
      if (!(await paused(firstPauseMs, bounds)))
        return why ?? failureOf(this.#earlierError ?? new DeadlineError());
    }
    return undefined;
  }

  readonly #remember = (error: unknown): void => {
    // A server that turns a client away says why, and then the connection breaks.
    if (!isReply(this.#lastError)) this.#lastError = error;
  };

  /** After a failover the client may still be at the old master. A new connection finds the new one. */
  #turnAway(): void {
    if (isCluster(this.#client) || this.#turningAway) return;
    this.#turningAway = true;
    this.#client.once('close', () => {
      this.#turningAway = false;
    });
    this.#client.disconnect(true);
  }
}

const ended: Failure = {
  kind: 'unavailable',
  code: 'client ended',
  advice:
    'the client was closed, or gave up to reconnect. Close it after the store, and check its retryStrategy',
  passing: false,
};
