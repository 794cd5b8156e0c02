import { afterAll, beforeAll } from '@jest/globals';
import { startPostgresql } from '@mcp-oauth/e2e/postgresql';
import type { PostgresqlServer } from '@mcp-oauth/e2e/postgresql';
import { startProxy } from '@mcp-oauth/e2e/redis';
import type { Proxy } from '@mcp-oauth/e2e/redis';
import { StoreError } from '@mcp-oauth/core';
import type { RecordKey, StoredRecord, Version } from '@mcp-oauth/core';
import { Pool } from 'pg';
import { createPool } from '../../src/pool.js';
import { PostgresTokenStore } from '../../src/postgres-token-store.js';
import { migrate } from '../../src/records-table.js';

let server: PostgresqlServer;
let databases = 0;
const opened: { readonly ending?: boolean; end?(): Promise<void>; close?(): Promise<void> }[] = [];
beforeAll(async () => {
  server = await startPostgresql({ password: "p@ss:w'rd" });
}, 30_000);
afterAll(async () => {
  for (const one of opened.reverse()) {
    if (one.ending === false) await one.end?.();
    await one.close?.();
  }
  await server.close();
});

export interface Database {
  readonly url: URL;
  /** Of the superuser, for what the store must not do. */
  readonly admin: Pool;
}

export function theServer(): PostgresqlServer {
  return server;
}

/** Ends it when the tests of the file have ended. */
export function keep<One extends (typeof opened)[number]>(one: One): One {
  opened.push(one);
  if (one instanceof Pool) one.on('error', () => undefined);
  return one;
}

/** A proxy in front of the server, and the URL through it. */
export async function proxied(url: URL): Promise<{ readonly proxy: Proxy; readonly through: URL }> {
  const proxy = keep(await startProxy(server));
  const through = new URL(url);
  through.port = String(proxy.port);
  return { proxy, through };
}

/** A database of the test's own, with the table. */
export async function freshDatabase(): Promise<Database> {
  const name = `test_${String((databases += 1))}`;
  const maker = keep(new Pool({ connectionString: server.connectionString }));
  await maker.query(`CREATE DATABASE ${name}`);
  await maker.end();
  const url = new URL(server.connectionString);
  url.pathname = `/${name}`;
  const admin = keep(new Pool({ connectionString: url.href }));
  await migrate(admin);
  return { url, admin };
}

/** A store over the URL, with its query set to this. */
export function storeAt(url: URL, query: Readonly<Record<string, string>> = {}): PostgresTokenStore {
  const address = new URL(url);
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  return new PostgresTokenStore(keep(createPool(address.href)));
}

export const key: RecordKey = { partition: 'somebody', id: 'credentials' };

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function text(record: StoredRecord | null): string | null {
  return record && new TextDecoder().decode(record.value);
}

/** Writes over whatever is there. */
export async function put(store: PostgresTokenStore, value: string, at = key): Promise<Version> {
  const current = await store.get(at);
  const result = await store.compareAndSet(at, current?.version ?? null, bytes(value));
  if (!result.ok || result.version === null) throw new Error('somebody else wrote');
  return result.version;
}

/** The store's error that a call rejects with, and how long it took. */
export async function failure(call: Promise<unknown>): Promise<StoreError & { readonly tookMs: number }> {
  const start = performance.now();
  try {
    await call;
  } catch (error) {
    if (error instanceof StoreError) return Object.assign(error, { tookMs: performance.now() - start });
    throw error;
  }
  throw new Error('it did not fail');
}
