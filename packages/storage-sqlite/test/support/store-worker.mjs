import { openSqliteTokenStore } from '@mcp-oauth/storage-sqlite';
import { serveStoreWorker } from '@mcp-oauth/store-contract/worker';

serveStoreWorker(([path]) => openSqliteTokenStore({ path }));
