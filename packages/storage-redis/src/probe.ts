import { randomBytes } from 'node:crypto';
import { StoreError } from '@mcp-oauth/core';
import type { Version, WatchableTokenStore } from '@mcp-oauth/core';
import { withinCommandTimeout } from './bounded.js';
import { Connection } from './connection.js';
import { isCluster, nameOf } from './redis-client.js';
import type { RedisClient } from './redis-client.js';

const oldestVersion = [6, 2] as const;
const probeTtlMs = 60_000;

/** Does everything that the store does once, on records of a partition of its own, and looks at how Redis is set up. */
export async function probe(
  store: WatchableTokenStore,
  client: RedisClient,
  connection: Connection,
  signal: AbortSignal | undefined,
): Promise<void> {
  refuseReplicaReads(client);
  await connection.ready(withinCommandTimeout(signal));
  const servers = isCluster(client) ? client.nodes('master') : [client];
  for (const server of servers) await examine(new Connection(server), nameOf(server), signal);
  // A script that the server knows already would not need this right.
  await connection.send(withinCommandTimeout(signal), (client) => client.evalBuffer('return 1', 0));
  await roundTrip(store, signal);
}

function refuseReplicaReads(client: RedisClient): void {
  const where = nameOf(client);
  if (isCluster(client)) {
    if (client.options.scaleReads !== undefined && client.options.scaleReads !== 'master')
      throw misconfigured(where, "reads may go to replicas, which lag. Set scaleReads to 'master'");
    return;
  }
  if (client.options.readOnly)
    throw misconfigured(where, 'the client is one for replicas. Remove its option readOnly');
  if (client.options.sentinels && client.options.role === 'slave')
    throw misconfigured(where, "the client asks the sentinels for a replica. Set its role to 'master'");
}

async function examine(
  connection: Connection,
  where: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const info = String(await connection.send(withinCommandTimeout(signal), (client) => client.info()));
  const valueOf = (field: string) => new RegExp(`^${field}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
  if (isOlder(valueOf('redis_version')))
    throw misconfigured(
      where,
      `version ${valueOf('redis_version')} is too old. Use Redis 6.2 or newer, or Valkey`,
    );
  if (valueOf('role') === 'slave')
    throw misconfigured(where, 'it is a replica. Give the store a client that finds the master');
  const policy = valueOf('maxmemory_policy');
  if (policy.startsWith('allkeys-'))
    throw misconfigured(
      where,
      `with maxmemory-policy ${policy} it drops logins when its memory is full. Set it to noeviction or volatile-ttl`,
    );
}

async function roundTrip(store: WatchableTokenStore, signal: AbortSignal | undefined): Promise<void> {
  const options = signal ? { signal } : {};
  const key = { partition: `check-${randomBytes(9).toString('base64url')}`, id: 'probe' };
  const value = new Uint8Array([0, 255, 13, 10]);
  const unwatch = await store.watch(key, () => undefined, options);
  try {
    const created = await store.compareAndSet(key, null, value, { ...options, ttlMs: probeTtlMs });
    const refused = await store.compareAndSet(key, 'another-version_' as Version, value, options);
    if (!created.ok || refused.ok) throw notKept();
    const [listed] = await store.list(key.partition, options);
    for (const record of [refused.current, await store.get(key, options), listed])
      if (record?.version !== created.version || String(record.value) !== String(value)) throw notKept();
    const deleted = await store.compareAndSet(key, created.version, null, options);
    if (!deleted.ok) throw notKept();
    await store.purge(key.partition, options);
  } finally {
    await unwatch();
  }
}

function notKept(): StoreError {
  return new StoreError(
    'misconfigured',
    'Redis did not keep what the token store wrote to try it. Look at what else uses the same keys or drops them.',
  );
}

function misconfigured(where: string, problem: string): StoreError {
  return new StoreError('misconfigured', `The token store does not use ${where}: ${problem}.`);
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < oldestVersion[0] || (major === oldestVersion[0] && minor < oldestVersion[1]);
}
