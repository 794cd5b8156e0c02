import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import { runWorker } from '@mcp-oauth/e2e/worker';
import { LoopbackCallbackListener } from '@mcp-oauth/node';
import { FileTokenStore } from '@mcp-oauth/storage-fs';

/** Closes its client while a login waits, or while a refresh is in flight, and says when `close()` had resolved. */
runWorker(async ({ mode, directory, resource, callbackPort }, channel) => {
  const store = directory ? new FileTokenStore({ directory }) : new MemoryTokenStore();
  const oauth = createOAuthClient({
    store,
    client: { client_name: 'worker' },
    browser: { open: () => Promise.resolve({ opened: true }) },
    callbackListener: new LoopbackCallbackListener(),
  });
  const session = oauth.session({ resource }, { callbackPort });
  const busy = mode === 'login' ? session.authorize() : session.accessToken();
  const outcome = busy.then(
    () => 'done',
    (error) => error.code,
  );
  channel.send('busy');
  await channel.receive();
  const began = performance.now();
  await oauth.close();
  await store.close();
  return { outcome: await outcome, closedAfterMs: performance.now() - began, closedAt: Date.now() };
});
