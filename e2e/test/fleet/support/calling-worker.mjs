import { runWorker } from '@mcp-oauth/e2e/worker';
import { openTokenStore } from '@mcp-oauth/open-store';
import { call, fleetClient, sleep } from './fleet-client.mjs';

/** Calls for every owner, again and again, until it is told to stop or is killed. Tells of each failure at once. */
runWorker(async (input, channel) => {
  const { address, resource, owners } = input;
  const store = await openTokenStore(address);
  const { oauth, counts } = fleetClient(store, input);
  let stopped = false;
  void channel.receive().then(() => {
    stopped = true;
  });
  channel.send('ready');
  const serve = async (owner) => {
    const session = oauth.session({ resource, owner });
    while (!stopped) {
      await call(session, resource).catch((error) => channel.send({ owner, failure: String(error) }));
      await sleep(20 + Math.random() * 60);
    }
  };
  await Promise.all(owners.map(serve));
  await oauth.close();
  await store.close();
  return counts;
});
