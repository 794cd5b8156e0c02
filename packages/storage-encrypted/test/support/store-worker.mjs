import { FileTokenStore } from '@mcp-oauth/storage-fs';
import { encrypted, fileKeys } from '@mcp-oauth/storage-encrypted';
import { serveStoreWorker } from '@mcp-oauth/store-contract/worker';

serveStoreWorker(([directory, keys]) =>
  Promise.resolve(encrypted(new FileTokenStore({ directory }), fileKeys(keys, { create: true }))),
);
