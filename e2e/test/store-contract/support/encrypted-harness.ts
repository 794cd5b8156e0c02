import { createHash } from 'node:crypto';
import { encrypted, keyRing } from '@mcp-oauth/storage-encrypted';
import type { SharedHarness } from '@mcp-oauth/store-contract';

/** What another harness opens, with encryption around it in every process. The worker gets the key before its own. */
export function encryptedHarness(
  inner: SharedHarness,
  worker: 'redis-worker' | 'sqlite-worker',
): SharedHarness {
  const key = createHash('sha256').update('the key of the contract').digest();
  return {
    scope: 'shared',
    open: async () => encrypted(await inner.open(), keyRing([{ id: 'contract', key }])),
    worker: {
      module: new URL(`${worker}.mjs`, import.meta.url),
      args: [key.toString('base64'), ...(inner.worker.args ?? [])],
    },
    fail: (on) => inner.fail(on),
    restart: () => inner.restart(),
  };
}
