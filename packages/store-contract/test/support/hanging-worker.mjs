import { serveStoreWorker } from '@mcp-oauth/store-contract/worker';

process.stderr.write('looking for the server');
serveStoreWorker(([how]) =>
  how === 'refuses'
    ? Promise.reject(Object.assign(new Error('No server is there.'), { code: 'store_failed' }))
    : new Promise(() => setInterval(() => {}, 1_000)),
);
