import { runWorker } from '@mcp-oauth/e2e/worker';
import { openTokenStore } from '@mcp-oauth/open-store';
import { call, fleetClient } from './fleet-client.mjs';

/** Another process of the fleet: uses the grant of every owner that it is told of, and says how that went. */
runWorker(async (input, channel) => {
  const { address, resource } = input;
  const store = await openTokenStore(address);
  const { oauth, counts } = fleetClient(store, input);
  const use = async ({ trial, owner }) => {
    // A session of its own each time: nothing is known but what the store has.
    const session = oauth.session({ resource, owner });
    const began = performance.now();
    try {
      await session.accessToken();
      const tookMs = performance.now() - began;
      await call(session, resource);
      const { generation } = await session.status();
      return { trial, ok: true, tookMs, generation };
    } catch (error) {
      const { generation } = await session.status();
      return {
        trial,
        ok: false,
        tookMs: performance.now() - began,
        generation,
        code: error.code,
        reason: error.reason,
      };
    }
  };
  for (let asked = await channel.receive(); asked !== 'stop'; asked = await channel.receive()) {
    void use(asked).then((outcome) => channel.send(outcome));
  }
  await oauth.close();
  await store.close();
  return counts;
});
