import { createHash } from 'node:crypto';
import { createOAuthClient, OAuthClientError } from '@mcp-oauth/core';
import { runWorker } from '@mcp-oauth/e2e/worker';
import { NodeProcessIdentity } from '@mcp-oauth/node';
import { FileTokenStore } from '@mcp-oauth/storage-fs';

/** Logs in by a code that it tells its parent, and tells which token it got by its hash, or how that ended. */
runWorker(async ({ directory, resource }, channel) => {
  const store = new FileTokenStore({ directory });
  const oauth = createOAuthClient({
    store,
    client: { client_name: 'worker' },
    processIdentity: new NodeProcessIdentity(),
  });
  const session = oauth.session({ resource });
  channel.send('ready');
  await channel.receive();
  try {
    await session.authorizeDevice({
      onUserCode: ({ verificationUriComplete }) => channel.send(verificationUriComplete.href),
    });
    const token = await session.accessToken();
    return { fingerprint: createHash('sha256').update(token).digest('hex') };
  } catch (error) {
    if (error instanceof OAuthClientError) return { code: error.code };
    throw error;
  } finally {
    await oauth.close();
    await store.close();
  }
});
