import { FileTokenStore } from '@mcp-oauth/storage-fs';
import { serveStoreWorker } from '@mcp-oauth/store-contract/worker';

serveStoreWorker(([directory]) => Promise.resolve(new FileTokenStore({ directory })));
