import { oauthClientModule } from '@mcp-oauth/core/inversify';
import { nodeInteractionModule } from '@mcp-oauth/node/inversify';
import { sqliteStorageModule } from '@mcp-oauth/storage-sqlite/inversify';
import { transportFactoryModule } from '@mcp-oauth/transport-factory/inversify';
import { Container } from 'inversify';

export function desktopContainer(path: string): Container {
  const container = new Container();
  container.load(
    oauthClientModule({ client: { client_name: 'My host' } }),
    sqliteStorageModule({ path }),
    nodeInteractionModule(),
    transportFactoryModule(),
  );
  return container;
}
