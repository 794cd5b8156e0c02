/** The commands that the store sends. Not by `call`, which breaks where the client makes pipelines by itself. */
export interface RedisCommands {
  getBuffer(key: string): Promise<unknown>;
  mgetBuffer(...keys: string[]): Promise<unknown>;
  smembersBuffer(key: string): Promise<unknown>;
  info(): Promise<unknown>;
}

/**
 * What the store uses of a `Redis` of `ioredis`. A type of its own, so that the same store takes clients of either
 * major version.
 */
export interface RedisConnection extends RedisCommands {
  readonly status: string;
  readonly options: {
    readonly host?: string | undefined;
    readonly port?: number | undefined;
    readonly path?: string | undefined;
    readonly sentinels?: readonly unknown[] | null | undefined;
    readonly name?: string | null | undefined;
    readonly role?: string | undefined;
    readonly readOnly?: boolean | undefined;
  };
  connect(): Promise<void>;
  disconnect(reconnect?: boolean): void;
  duplicate(override: SubscriberOptions): RedisSubscriber;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  once(event: 'close', listener: () => void): unknown;
  off(event: 'error', listener: (error: unknown) => void): unknown;
}

/** What the store uses of a `Cluster` of `ioredis`. */
export interface RedisCluster extends RedisCommands {
  readonly status: string;
  readonly options: { readonly scaleReads?: unknown };
  nodes(role: 'master'): readonly RedisConnection[];
  connect(): Promise<void>;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  off(event: 'error', listener: (error: unknown) => void): unknown;
}

export type RedisClient = RedisConnection | RedisCluster;

/** The connection that the store makes for itself, to be told of changes. */
export interface RedisSubscriber {
  readonly status: string;
  connect(): Promise<void>;
  disconnect(): void;
  subscribe(...channels: string[]): Promise<unknown>;
  unsubscribe(...channels: string[]): Promise<unknown>;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  on(event: 'message', listener: (channel: string) => void): unknown;
}

/** What differs from the options of the client that is duplicated. */
export interface SubscriberOptions {
  readonly lazyConnect: true;
  readonly retryStrategy: null;
  readonly sentinelRetryStrategy: () => null;
  readonly autoResubscribe: false;
  readonly connectTimeout: number;
  readonly disconnectTimeout: number;
}

/** The binary forms of two commands, which every client of `ioredis` has and which its types leave out. */
export interface RedisScripting {
  evalBuffer(script: string, keyCount: number, ...keysAndArgs: (string | Buffer)[]): Promise<unknown>;
  evalshaBuffer(sha1: string, keyCount: number, ...keysAndArgs: (string | Buffer)[]): Promise<unknown>;
}

export function isCluster(client: RedisClient): client is RedisCluster {
  return 'nodes' in client;
}

/** What to call it in a message: no password is in it. */
export function nameOf(client: RedisClient): string {
  if (isCluster(client)) return 'the Redis Cluster';
  const { host = 'localhost', port = 6379, path, sentinels, name } = client.options;
  if (sentinels) return `the Redis master ${name ?? 'of the sentinels'}`;
  return path === undefined ? `Redis at ${host}:${String(port)}` : `Redis at ${path}`;
}
