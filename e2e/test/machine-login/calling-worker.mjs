import { createOAuthClient, StoreError } from '@mcp-oauth/core';
import { runWorker } from '@mcp-oauth/e2e/worker';
import { NodeProcessIdentity } from '@mcp-oauth/node';
import { openTokenStore } from '@mcp-oauth/open-store';

/** Tells when its process begins to wait for another one's login. Nothing is watched: the store is polled as ever. */
function telling(store, wait) {
  return {
    get: (...call) => store.get(...call),
    compareAndSet: (...call) => store.compareAndSet(...call),
    list: (...call) => store.list(...call),
    purge: (...call) => store.purge(...call),
    check: (...call) => store.check(...call),
    close: () => store.close(),
    watch: async () => {
      wait();
      throw new StoreError('unavailable', 'This store tells of no changes.');
    },
  };
}

/**
 * One process of a fleet of machines: says that it is ready, waits for the word, and sends calls at once. Says when they
 * wait for another process.
 */
runWorker(async ({ store: address, resource, settings, calls }, channel) => {
  const store = await openTokenStore(address);
  const oauth = createOAuthClient({
    store: telling(store, () => channel.send('waiting')),
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
