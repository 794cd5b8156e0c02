import { createHash } from 'node:crypto';
import { createOAuthClient } from '@mcp-oauth/core';
import { ScriptedBrowser } from '@mcp-oauth/e2e';
import { runWorker } from '@mcp-oauth/e2e/worker';
import { LoopbackCallbackListener, NodeProcessIdentity } from '@mcp-oauth/node';
import { FileTokenStore } from '@mcp-oauth/storage-fs';

/** Logs in with an empty store, at the same time as others, and tells which token it got by its hash. */
runWorker(async ({ directory, resource }, channel) => {
  const store = new FileTokenStore({ directory });
  const browser = new ScriptedBrowser();
  const oauth = createOAuthClient({
    store,
    client: { client_name: 'worker' },
    browser,
    callbackListener: new LoopbackCallbackListener(),
    processIdentity: new NodeProcessIdentity(),
  });
  const session = oauth.session({ resource });
  channel.send('ready');
  await channel.receive();
  await session.authorize();
  const fingerprint = createHash('sha256')
    .update(await session.accessToken())
    .digest('hex');
  await oauth.close();
  await store.close();
  return { opened: browser.opened.length, fingerprint };
});
