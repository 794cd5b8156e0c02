import { startRedis } from '@mcp-oauth/e2e/redis';
import type { RedisServer } from '@mcp-oauth/e2e/redis';
import { setStage } from '../../src/stage/stage.js';
import type { Stage } from '../../src/stage/stage.js';

export interface RunningAggregator extends Stage {
  readonly redis: RedisServer;
  /** What the replicas printed. */
  output(): string;
}

/** The whole example, with a Redis that the test may kill. */
export async function startAggregator(accessTokenTtl = 300): Promise<RunningAggregator> {
  const redis = await startRedis({ appendonly: true });
  let output = '';
  try {
    const stage = await setStage({
      port: 0,
      redisUrl: redis.url,
      accessTokenTtl,
      log: (line) => {
        output += line;
      },
    });
    return {
      ...stage,
      redis,
      output: () => output,
      close: async () => {
        await stage.close();
        await redis.close();
      },
    };
  } catch (error) {
    await redis.close();
    throw error;
  }
}
