import { FileTokenStore } from '@mcp-oauth/storage-fs';
import { serveStoreWorker } from '@mcp-oauth/store-contract/worker';
import { mutantOf } from './shared-mutants.mjs';

serveStoreWorker(([directory, does]) =>
  Promise.resolve(mutantOf(does, new FileTokenStore({ directory }), directory)),
);
