import { oauthClientModule } from '@mcp-oauth/core/inversify';
import { guardedFetchModule } from '@mcp-oauth/node/inversify';
import { encryptedStorageModule } from '@mcp-oauth/storage-encrypted/inversify';
import type { KeySource } from '@mcp-oauth/storage-encrypted';
import { redisStorageModule } from '@mcp-oauth/storage-redis/inversify';
import { transportFactoryModule } from '@mcp-oauth/transport-factory/inversify';
import { Container } from 'inversify';
import type { Redis } from 'ioredis';

export function aggregatorContainer(client: Redis, keys: KeySource, secret: Uint8Array): Container {
  const container = new Container();
  container.load(
    oauthClientModule({ owners: 'many', client: { client_name: 'My aggregator' }, secret }),
    encryptedStorageModule({ keys, storage: redisStorageModule({ client }) }),
    guardedFetchModule(),
    transportFactoryModule(),
  );
  return container;
}
