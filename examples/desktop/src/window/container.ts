import { join } from 'node:path';
import { browserIdentifier, oauthClientModule } from '@mcp-oauth/core/inversify';
import { nodeInteractionModule } from '@mcp-oauth/node/inversify';
import { encryptedStorageModule } from '@mcp-oauth/storage-encrypted/inversify';
import { sqliteStorageModule } from '@mcp-oauth/storage-sqlite/inversify';
import type { McpServers } from '@mcp-oauth/transport-factory';
import { transportFactoryModule } from '@mcp-oauth/transport-factory/inversify';
import { Container } from 'inversify';
import { ActivityLog } from './activity-log.js';
import { ChatWindow } from './chat-window.js';
import { DatabaseKeys } from './database-keys.js';
import { ParentBrowser } from './parent-browser.js';
import { ServerConnections } from './server-connections.js';
import { mcpServersIdentifier, windowOptionsIdentifier } from './service-identifiers.js';
import type { WindowOptions } from './window-options.js';

/** Everything that one window is made of. Opening the database takes time: ask for the first thing by `getAsync`. */
export async function createContainer(options: WindowOptions, servers: McpServers): Promise<Container> {
  const container = new Container();
  container.bind(windowOptionsIdentifier).toConstantValue(options);
  container.bind(mcpServersIdentifier).toConstantValue(servers);
  container.bind(ActivityLog).toSelf().inSingletonScope();
  container.bind(DatabaseKeys).toSelf().inSingletonScope();
  container.bind(ServerConnections).toSelf().inSingletonScope();
  container.bind(ChatWindow).toSelf().inSingletonScope();

  container.load(
    encryptedStorageModule({
      storage: sqliteStorageModule({ path: join(options.dataDirectory, 'tokens.db') }),
      keys: { load: (store) => container.get(DatabaseKeys).load(store) },
    }),
    nodeInteractionModule(),
    oauthClientModule({
      client: { client_name: 'mcp-oauth desktop example' },
      onEvent: (event) => container.get(ActivityLog).event(event),
    }),
    transportFactoryModule(),
  );

  if (options.browserOfParent)
    (await container.rebindAsync(browserIdentifier)).to(ParentBrowser).inSingletonScope();
  return container;
}
