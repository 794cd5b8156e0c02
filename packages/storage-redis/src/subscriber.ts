import { bounded, commandTimeoutMs, withinCommandTimeout } from './bounded.js';
import type { Connection } from './connection.js';
import { failureOf, storeError } from './failures.js';
import { isCluster, nameOf } from './redis-client.js';
import type { RedisClient, RedisConnection, RedisSubscriber } from './redis-client.js';

interface Watch {
  readonly channel: string;
  readonly onChange: () => void;
}

const firstReopenMs = 50;
const longestReopenMs = 2_000;

/** One connection that is subscribed to the channels of all watches, while there are any. */
export class Subscriber {
  readonly #client: RedisClient;
  readonly #connection: Connection;
  readonly #watches = new Set<Watch>();
  #current: RedisSubscriber | undefined;
  #opening: Promise<RedisSubscriber> | undefined;
  #reopening: NodeJS.Timeout | undefined;
  #reopenMs = firstReopenMs;
  #mayHaveMissed = false;

  constructor(client: RedisClient, connection: Connection) {
    this.#client = client;
    this.#connection = connection;
  }

  async watch(
    channel: string,
    onChange: () => void,
    signal: AbortSignal | undefined,
  ): Promise<() => Promise<void>> {
    const bounds = withinCommandTimeout(signal);
    // A cluster has no nodes to choose from before it is connected.
    await this.#connection.ready(bounds);
    const watch = { channel, onChange };
    this.#watches.add(watch);
    try {
      const subscriber = await bounded(this.#opened(), bounds);
      await bounded(subscriber.subscribe(channel), bounds);
    } catch (error) {
      this.#end(watch);
      signal?.throwIfAborted();
      throw storeError(failureOf(error), nameOf(this.#client));
    }
    return () => {
      this.#end(watch);
      return Promise.resolve();
    };
  }

  close(): void {
    this.#watches.clear();
    this.#drop();
  }

  #end(watch: Watch): void {
    if (!this.#watches.delete(watch)) return;
    if (this.#watches.size === 0) this.#drop();
    else if (!this.#channels().includes(watch.channel))
      // A connection that fails is opened anew, for what is still watched.
      this.#current?.unsubscribe(watch.channel).catch(() => undefined);
  }

  #channels(): string[] {
    return [...new Set([...this.#watches].map(({ channel }) => channel))];
  }

  #opened(): Promise<RedisSubscriber> {
    return (this.#opening ??= this.#open());
  }

  /** A connection that is never mended: when it is lost, another is made, which may lead to another server. */
  async #open(): Promise<RedisSubscriber> {
    const subscriber = this.#source().duplicate({
      lazyConnect: true,
      retryStrategy: null,
      sentinelRetryStrategy: () => null,
      autoResubscribe: false,
      connectTimeout: commandTimeoutMs,
      disconnectTimeout: 50,
    });
    let reason: unknown;
    this.#current = subscriber;
    subscriber.on('error', (error) => {
      reason = error;
    });
    subscriber.on('message', (channel) => {
      this.#tell(channel);
    });
    subscriber.on('end', () => {
      if (this.#current === subscriber) this.#lost();
    });
    try {
      const bounds = withinCommandTimeout();
      await bounded(subscriber.connect(), bounds);
      const channels = this.#channels();
      if (channels.length > 0) await bounded(subscriber.subscribe(...channels), bounds);
    } catch (error) {
      if (this.#current === subscriber) this.#lost();
      throw reason ?? error;
    }
    this.#reopenMs = firstReopenMs;
    if (this.#mayHaveMissed) this.#tell();
    this.#mayHaveMissed = false;
    return subscriber;
  }

  #source(): RedisConnection {
    if (!isCluster(this.#client)) return this.#client;
    // Whatever is published anywhere in a cluster reaches all of its nodes.
    const nodes = this.#client.nodes('master');
    const node = nodes[Math.floor(Math.random() * nodes.length)];
    if (!node) throw new Error('The cluster has no master.');
    return node;
  }

  #tell(channel?: string): void {
    for (const watch of this.#watches) {
      if (channel !== undefined && watch.channel !== channel) continue;
      // Not from within the client, whose parser an error of the caller would break.
      queueMicrotask(() => {
        if (this.#watches.has(watch)) watch.onChange();
      });
    }
  }

  #lost(): void {
    const watched = this.#watches.size > 0;
    this.#drop();
    if (!watched) return;
    this.#mayHaveMissed = true;
    this.#reopening = setTimeout(() => {
      // It tries again by itself.
      this.#opened().catch(() => undefined);
    }, this.#reopenMs);
    this.#reopenMs = Math.min(this.#reopenMs * 2, longestReopenMs);
  }

  #drop(): void {
    clearTimeout(this.#reopening);
    const subscriber = this.#current;
    this.#current = this.#opening = undefined;
    // On one that has ended it would leave a timer.
    if (subscriber && subscriber.status !== 'end') subscriber.disconnect();
  }
}
