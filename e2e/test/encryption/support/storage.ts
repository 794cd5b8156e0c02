import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordKey, TokenStore } from '@mcp-oauth/core';
import { startRedis } from '@mcp-oauth/e2e/redis';
import { RedisTokenStore } from '@mcp-oauth/storage-redis';
import { openSqliteTokenStore } from '@mcp-oauth/storage-sqlite';
import Database from 'better-sqlite3';
import { Redis } from 'ioredis';

/** Where records lie, for somebody who has the storage and not the key. */
export interface Storage {
  /** The store of this storage, without encryption. */
  readonly plain: TokenStore;
  /** Every file that holds records or held them, by its name, as it is now. */
  files(): Promise<ReadonlyMap<string, Buffer>>;
  /** Puts each of two records in the place of the other, past the store. */
  swap(one: RecordKey, other: RecordKey): Promise<void>;
  close(): Promise<void>;
}

export async function sqliteStorage(): Promise<Storage> {
  const directory = await mkdtemp(join(tmpdir(), 'mcp-oauth-at-rest-'));
  const path = join(directory, 'tokens.db');
  const plain = await openSqliteTokenStore({ path });
  return {
    plain,
    files: () => filesBelow(directory),
    swap: (one, other) => {
      const database = new Database(path);
      const read = database.prepare('SELECT value FROM records WHERE partition = @partition AND id = @id');
      const write = database.prepare(
        'UPDATE records SET value = @value WHERE partition = @partition AND id = @id',
      );
      database.transaction(() => {
        const [ofOne, ofOther] = [read.get(one), read.get(other)] as { value: Buffer }[];
        write.run({ ...one, value: ofOther?.value });
        write.run({ ...other, value: ofOne?.value });
      })();
      database.close();
      return Promise.resolve();
    },
    close: async () => {
      await plain.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export async function redisStorage(): Promise<Storage> {
  // Compressed text could not be found.
  const server = await startRedis({ appendonly: true, directives: ['rdbcompression no'] });
  const client = new Redis(server.url);
  const plain = new RedisTokenStore({ client });
  const at = ({ partition, id }: RecordKey) => `mcp-oauth:{${partition}}:r:${id}`;
  return {
    plain,
    files: async () => {
      await client.save();
      const [, directory] = (await client.config('GET', 'dir')) as [string, string];
      return filesBelow(directory);
    },
    swap: async (one, other) => {
      await client.rename(at(one), 'aside');
      await client.rename(at(other), at(one));
      await client.rename('aside', at(other));
    },
    close: async () => {
      await plain.close();
      client.disconnect();
      await server.close();
    },
  };
}

async function filesBelow(directory: string): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = new Map<string, Buffer>();
  for (const entry of entries) {
    if (!entry.isFile() || entry.name === 'redis.conf') continue;
    files.set(entry.name, await readFile(join(entry.parentPath, entry.name)));
  }
  return files;
}
