import { encrypted, keyRing } from '@mcp-oauth/storage-encrypted';
import { RedisTokenStore } from '@mcp-oauth/storage-redis';
import { serveStoreWorker } from '@mcp-oauth/store-contract/worker';
import { Cluster, Redis } from 'ioredis';

serveStoreWorker(([key, address]) => {
  const { nodes, options } = JSON.parse(address);
  const client = nodes ? new Cluster(nodes, options) : new Redis(options);
  client.on('error', () => undefined);
  const store = new RedisTokenStore({ client });
  return Promise.resolve(encrypted(store, keyRing([{ id: 'contract', key: Buffer.from(key, 'base64') }])));
});
