import { RedisTokenStore } from '@mcp-oauth/storage-redis';
import { serveStoreWorker } from '@mcp-oauth/store-contract/worker';
import { Cluster, Redis } from 'ioredis';

serveStoreWorker(([address]) => {
  const { nodes, options } = JSON.parse(address);
  const client = nodes ? new Cluster(nodes, options) : new Redis(options);
  client.on('error', () => undefined);
  return Promise.resolve(new RedisTokenStore({ client }));
});
