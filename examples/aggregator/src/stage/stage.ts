import { randomBytes } from 'node:crypto';
import { startRedis } from '@mcp-oauth/e2e/redis';
import { Closers } from './closers.js';
import { Front } from './front.js';
import { startMcpServers } from './mcp-servers.js';
import type { McpServers } from './mcp-servers.js';
import { ReplicaProcess } from './replica-process.js';

export interface StageOptions {
  /** Of the front. 0: any that is free. */
  readonly port: number;
  /** Without it, one is started. */
  readonly redisUrl?: string | undefined;
  /** Whole seconds. */
  readonly accessTokenTtl?: number;
  readonly log?: (line: string) => void;
}

/** Everything that a deployment has, on one machine. */
export interface Stage {
  readonly url: URL;
  readonly mcp: McpServers;
  readonly replicas: readonly ReplicaProcess[];
  close(): Promise<void>;
}

export async function setStage({ port, redisUrl, accessTokenTtl, log }: StageOptions): Promise<Stage> {
  const closers = new Closers();
  try {
    const redis = redisUrl ?? (await closers.add(startRedis())).url;
    const mcp = await closers.add(startMcpServers(accessTokenTtl === undefined ? {} : { accessTokenTtl }));
    const front = await closers.add(Front.start(port));
    const env = {
      REDIS_URL: redis,
      PUBLIC_URL: front.url.origin,
      SESSION_SECRET: randomBytes(32).toString('base64url'),
      MCP_SERVERS: mcp.configuration,
      ALLOWED_ORIGINS: mcp.origins.join(','),
    };
    const replicas: ReplicaProcess[] = [];
    for (const name of ['replica 1', 'replica 2']) {
      replicas.push(await closers.add(ReplicaProcess.start(name, env, log ?? (() => undefined))));
    }
    front.passTo(replicas);
    return { url: front.url, mcp, replicas, close: () => closers.close() };
  } catch (error) {
    await closers.close();
    throw error;
  }
}
