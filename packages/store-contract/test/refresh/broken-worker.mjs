import { FileTokenStore } from '@mcp-oauth/storage-fs';
import { serveStoreWorker } from '@mcp-oauth/store-contract/worker';
import { brokenStores } from './broken-stores.mjs';

serveStoreWorker(([directory, how]) => Promise.resolve(brokenStores[how](new FileTokenStore({ directory }))));
