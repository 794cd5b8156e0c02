import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from '@mcp-oauth/e2e/redis';

/** A place for a fleet's records. */
export interface Backend {
  /** For `openTokenStore`, in any process. */
  readonly address: string;
  close(): Promise<void>;
}

export type BackendName = 'file' | 'sqlite' | 'redis';

export async function startBackend(name: BackendName): Promise<Backend> {
  if (name === 'redis') {
    const redis = await startRedis();
    return { address: redis.url, close: () => redis.close() };
  }
  const directory = await mkdtemp(join(tmpdir(), 'mcp-oauth-fleet-'));
  return {
    address: name === 'file' ? `file:${join(directory, 'store')}` : `sqlite:${join(directory, 'tokens.db')}`,
    close: () => rm(directory, { recursive: true, force: true }),
  };
}
