import { runWorker } from '@mcp-oauth/e2e/worker';
import { openTokenStore } from '@mcp-oauth/open-store';
import { call, fingerprint, fleetClient } from './fleet-client.mjs';

/** Another process of the fleet: uses the grant of every owner that it is told of, and says how that went. */
runWorker(async (input, channel) => {
  const { address, resource } = input;
  const store = await openTokenStore(address);
  const use = async ({ trial, owner }) => {
    // A client of its own each time: nothing is known but what the store has.
    const { oauth } = fleetClient(store, input);
    const session = oauth.session({ resource, owner });
    const began = performance.now();
    let outcome;
    try {
      const token = fingerprint(await session.accessToken());
      outcome = { ok: true, token, tookMs: performance.now() - began };
      await call(session, resource);
    } catch (error) {
      outcome = { ok: false, tookMs: performance.now() - began, code: error.code, reason: error.reason };
    }
    const { generation } = await session.status();
    await oauth.close();
    return { trial, generation, ...outcome };
  };
  for (let asked = await channel.receive(); asked !== 'stop'; asked = await channel.receive()) {
    void use(asked).then((outcome) => channel.send(outcome));
  }
  await store.close();
});
