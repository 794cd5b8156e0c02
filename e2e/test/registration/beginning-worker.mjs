import { createOAuthClient } from '@mcp-oauth/core';
import { runWorker } from '@mcp-oauth/e2e/worker';
import { FileTokenStore } from '@mcp-oauth/storage-fs';

/** Begins a login with a client that was registered by hand, and tells where it leads, or why it leads nowhere. */
runWorker(async ({ directory, resource, settings, redirectUri }, channel) => {
  const store = new FileTokenStore({ directory });
  const oauth = createOAuthClient({ store, client: { client_name: 'worker' } });
  const session = oauth.session({ resource }, settings);
  channel.send('ready');
  await channel.receive();
  try {
    const { authorizationUrl } = await session.beginAuthorization({ redirectUri });
    return { origin: authorizationUrl.origin };
  } catch (error) {
    return { code: error.code, message: error.message };
  } finally {
    await oauth.close();
    await store.close();
  }
});
