import { encrypted, keyRing } from '@mcp-oauth/storage-encrypted';
import { openSqliteTokenStore } from '@mcp-oauth/storage-sqlite';
import { serveStoreWorker } from '@mcp-oauth/store-contract/worker';

serveStoreWorker(async ([key, path]) =>
  encrypted(
    await openSqliteTokenStore({ path }),
    keyRing([{ id: 'contract', key: Buffer.from(key, 'base64') }]),
  ),
);
