import { join } from 'node:path';
import { startRedis } from '@mcp-oauth/e2e/redis';
import type { RedisServer } from '@mcp-oauth/e2e/redis';
import type { StoreKind } from '../columns.js';

/** Token stores for cells, an empty one for each. */
export class Stores {
  readonly #directory: string;
  readonly #redis: RedisServer | undefined;

  private constructor(directory: string, redis: RedisServer | undefined) {
    this.#directory = directory;
    this.#redis = redis;
  }

  /** Starts a Redis server where one is needed. Rejects where there is none on this machine. */
  static async open(kinds: ReadonlySet<StoreKind>, directory: string): Promise<Stores> {
    return new Stores(directory, kinds.has('redis') ? await startRedis() : undefined);
  }

  /** As `openTokenStore` takes it. */
  address(kind: StoreKind, index: number): string {
    const path = join(this.#directory, `tokens-${String(index)}`);
    switch (kind) {
      case 'memory':
        return 'memory:';
      case 'fs':
        return `file:${path}`;
      case 'sqlite':
        return `sqlite:${path}.db`;
      case 'redis':
        if (!this.#redis) throw new Error('No Redis server was started.');
        return `${this.#redis.url}/0?prefix=cell-${String(index)}`;
    }
  }

  async close(): Promise<void> {
    await this.#redis?.close();
  }
}
