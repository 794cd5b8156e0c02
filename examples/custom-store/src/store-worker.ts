import { serveStoreWorker } from '@mcp-oauth/store-contract/worker';
import { createPool } from './pool.js';
import { PostgresTokenStore } from './postgres-token-store.js';

serveStoreWorker(([connectionString = '']) =>
  Promise.resolve(new PostgresTokenStore(createPool(connectionString))),
);
