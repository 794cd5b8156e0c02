import { randomBytes } from 'node:crypto';
import { afterAll } from '@jest/globals';
import { StoreError } from '@mcp-oauth/core';
import type { RecordKey, StoredRecord, Version } from '@mcp-oauth/core';
import { RedisTokenStore } from '@mcp-oauth/storage-redis';
import type { RedisClient } from '@mcp-oauth/storage-redis';
import { Cluster, Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';

interface Closable {
  close?(): Promise<void>;
  disconnect?(): void;
  readonly status?: string;
}

const opened: Closable[] = [];
afterAll(async () => {
  for (const one of opened.reverse()) {
    if (one.status !== 'end') one.disconnect?.();
    await one.close?.();
  }
});

/** Closes it when the tests of the file have ended. */
export function keep<One extends Closable>(one: One): One {
  opened.push(one);
  return one;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export function connect({ host, port }: Address, options: RedisOptions = {}): Redis {
  const client = keep(new Redis(port, host, options as object));
  client.on('error', () => undefined);
  return client;
}

export function storeOn(client: RedisClient, prefix?: string): RedisTokenStore {
  return keep(new RedisTokenStore(prefix === undefined ? { client } : { client, prefix }));
}

/** Every way to reach one server: both major versions, and what they speak. */
export const clients: readonly (readonly [name: string, (address: Address) => RedisClient & Closable])[] = [
  ['ioredis 5', ({ host, port }) => new Redis5({ host, port })],
  ['ioredis 6 with RESP3', ({ host, port }) => new Redis({ host, port })],
  ['ioredis 6 with RESP2', ({ host, port }) => new Redis({ host, port, protocol: 2 })],
  [
    'ioredis 6 with the shapes of RESP3 and numbers as text',
    ({ host, port }) => new Redis({ host, port, replyMapping: 'resp3', stringNumbers: true }),
  ],
  [
    'ioredis 6 with automatic pipelines and a key prefix of its own',
    ({ host, port }) => new Redis({ host, port, enableAutoPipelining: true, keyPrefix: 'app:' }),
  ],
  ['ioredis 6 without a connection yet', ({ host, port }) => new Redis({ host, port, lazyConnect: true })],
];

export const clusterClients: readonly (readonly [
  name: string,
  (nodes: readonly Address[]) => RedisClient & Closable,
])[] = [
  ['ioredis 5', (nodes) => new Cluster5([...nodes])],
  ['ioredis 6', (nodes) => new Cluster([...nodes])],
  ['ioredis 6 with a key prefix of its own', (nodes) => new Cluster([...nodes], { keyPrefix: 'app:' })],
  ['ioredis 6 without a connection yet', (nodes) => new Cluster([...nodes], { lazyConnect: true })],
];

/** A key that no other test uses. */
export function freshKey(): RecordKey {
  return { partition: randomBytes(9).toString('base64url'), id: 'credentials' };
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function text(record: StoredRecord | null): string | null {
  return record && new TextDecoder().decode(record.value);
}

/** Writes over whatever is there. */
export async function put(store: RedisTokenStore, key: RecordKey, value: string): Promise<Version> {
  const current = await store.get(key);
  const result = await store.compareAndSet(key, current?.version ?? null, bytes(value));
  if (!result.ok || result.version === null) throw new Error('somebody else wrote');
  return result.version;
}

/** The store's error that a call rejects with, and how long it took. */
export async function storeFailure(
  call: Promise<unknown>,
): Promise<StoreError & { readonly tookMs: number }> {
  const start = performance.now();
  try {
    await call;
  } catch (error) {
    if (error instanceof StoreError) return Object.assign(error, { tookMs: performance.now() - start });
    throw error;
  }
  throw new Error('it did not fail');
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}
