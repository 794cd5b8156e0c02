import { expect, test } from '@jest/globals';
import { InvalidConfigError } from '@mcp-oauth/core';
import { startRedis } from '@mcp-oauth/e2e/redis';
import { Redis } from 'ioredis';
import { readConfiguration } from '../src/configuration/replica-configuration.js';
import { createMcpHost } from '../src/host/mcp-host.js';

test('a configuration that is refused after Redis was asked leaves no connection to it', async () => {
  const redis = await startRedis();
  const client = new Redis(redis.url);
  try {
    const configuration = readConfiguration({
      PORT: '0',
      PUBLIC_URL: 'https://tools.example.com',
      REDIS_URL: redis.url,
      SESSION_SECRET: 'a secret of this test alone, of forty-odd characters',
      MCP_SERVERS: '{"mcpServers": {"a": {"url": "https://a.example/mcp", "auth": {"type": "oauth"}}}}',
      ALLOWED_ORIGINS: 'no origin',
    });
    const creating = createMcpHost(configuration, () => undefined);
    await expect(creating).rejects.toThrow(InvalidConfigError);
    const connections = async () =>
      String(await client.client('LIST'))
        .trim()
        .split('\n').length;
    const until = performance.now() + 5_000;
    while ((await connections()) > 1 && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await connections()).toBe(1);
  } finally {
    client.disconnect();
    await redis.close();
  }
});
