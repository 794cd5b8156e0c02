import { createOAuthClient } from '@mcp-oauth/core';
import { runWorker } from '@mcp-oauth/e2e/worker';
import { NodeProcessIdentity } from '@mcp-oauth/node';
import { openTokenStore } from '@mcp-oauth/open-store';

/** One process of a fleet of machines: says that it is ready, waits for the word, and sends calls at once. */
runWorker(async ({ store: address, resource, settings, calls }, channel) => {
  const store = await openTokenStore(address);
  const oauth = createOAuthClient({
    store,
    client: { client_name: 'Machine' },
    processIdentity: new NodeProcessIdentity(),
  });
  const session = oauth.session({ resource }, settings);
  channel.send('ready');
  await channel.receive();
  const outcomes = await Promise.all(
    Array.from({ length: calls }, () =>
      session.accessToken().then(
        (token) => ({ token: token.slice(-8) }),
        ({ code, error }) => ({ code, error }),
      ),
    ),
  );
  await oauth.close();
  await store.close();
  return outcomes;
});
