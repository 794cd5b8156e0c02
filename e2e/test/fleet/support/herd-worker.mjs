import { runWorker } from '@mcp-oauth/e2e/worker';
import { openTokenStore } from '@mcp-oauth/open-store';
import { fleetClient } from './fleet-client.mjs';

const operations = ['get', 'compareAndSet', 'list', 'purge'];

/** Wakes `sessions` hosts over one connection, and counts what each asks of the store. */
runWorker(async (input, channel) => {
  const { address, resource, owner, sessions, watch } = input;
  const store = await openTokenStore(address);
  const hosts = Array.from({ length: sessions }, () => {
    const counted = { touches: 0 };
    const view = { check: (...args) => store.check(...args), close: () => Promise.resolve() };
    for (const name of operations) view[name] = (...args) => (counted.touches++, store[name](...args));
    if (watch) view.watch = (...args) => store.watch(...args);
    const { oauth, counts } = fleetClient(view, input);
    return { oauth, counts, counted, session: oauth.session({ resource, owner }) };
  });
  // The connection is there before the herd wakes, as in any process that has been running for a while.
  await store.check();
  channel.send('ready');
  await channel.receive();
  const waits = await Promise.all(
    hosts.map(async ({ session }) => {
      const began = performance.now();
      await session.accessToken();
      return performance.now() - began;
    }),
  );
  await Promise.all(hosts.map(({ oauth }) => oauth.close()));
  await store.close();
  return {
    waits,
    touches: hosts.map(({ counted }) => counted.touches),
    opened: hosts.reduce((sum, { counts }) => sum + counts.opened, 0),
  };
});
