import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TokenStore } from '@mcp-oauth/core';
import { startRedis } from '@mcp-oauth/e2e/redis';
import { encrypted, keyRing } from '@mcp-oauth/storage-encrypted';
import { encryptedStorageModule } from '@mcp-oauth/storage-encrypted/inversify';
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import { fileStorageModule } from '@mcp-oauth/storage-fs/inversify';
import { RedisTokenStore } from '@mcp-oauth/storage-redis';
import { redisStorageModule } from '@mcp-oauth/storage-redis/inversify';
import { openSqliteTokenStore } from '@mcp-oauth/storage-sqlite';
import { sqliteStorageModule } from '@mcp-oauth/storage-sqlite/inversify';
import type { ContainerModule } from 'inversify';
import { Redis } from 'ioredis';

/** Where logins lie, and both ways to a token store there. */
export interface Storage {
  /** Whether what lies there is encrypted. */
  readonly encrypted: boolean;
  /** Without a container. Whoever opens it closes it. */
  open(): Promise<TokenStore>;
  /** With one. */
  module(): ContainerModule;
  /** All that lies there, as somebody finds it who has no key. */
  contents(): Promise<Buffer>;
  close(): Promise<void>;
}

export async function fileStorage(): Promise<Storage> {
  const around = await mkdtemp(join(tmpdir(), 'mcp-oauth-container-'));
  const directory = join(around, 'store');
  return {
    encrypted: false,
    open: () => Promise.resolve(new FileTokenStore({ directory })),
    module: () => fileStorageModule({ directory }),
    contents: () => contentsBelow(around),
    close: () => rm(around, { recursive: true, force: true }),
  };
}

export async function sqliteStorage(): Promise<Storage> {
  const around = await mkdtemp(join(tmpdir(), 'mcp-oauth-container-'));
  const path = join(around, 'tokens.db');
  return {
    encrypted: false,
    open: () => openSqliteTokenStore({ path }),
    module: () => sqliteStorageModule({ path }),
    contents: () => contentsBelow(around),
    close: () => rm(around, { recursive: true, force: true }),
  };
}

export async function redisStorage(): Promise<Storage> {
  const server = await startRedis();
  const client = new Redis(server.url);
  return {
    encrypted: false,
    open: () => Promise.resolve(new RedisTokenStore({ client })),
    module: () => redisStorageModule({ client }),
    contents: async () => {
      const found: (Buffer | null)[] = [];
      for (const key of await client.keys('*'))
        if ((await client.type(key)) === 'string') found.push(await client.getBuffer(key));
      return Buffer.concat(found.filter((value) => value !== null));
    },
    close: async () => {
      await client.quit();
      await server.close();
    },
  };
}

/** The same storage, for those who have the key. */
export async function encryptedStorage(start: () => Promise<Storage>): Promise<Storage> {
  const below = await start();
  const keys = keyRing([{ id: 'container', key: randomBytes(32) }]);
  return {
    ...below,
    encrypted: true,
    open: async () => encrypted(await below.open(), keys),
    module: () => encryptedStorageModule({ keys, storage: below.module() }),
  };
}

async function contentsBelow(directory: string): Promise<Buffer> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Buffer.concat(
    await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name)))),
  );
}
