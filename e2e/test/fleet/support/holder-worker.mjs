import { runWorker } from '@mcp-oauth/e2e/worker';
import { openTokenStore } from '@mcp-oauth/open-store';
import { call, fingerprint, fleetClient } from './fleet-client.mjs';
import { halting } from './halting.mjs';

/** Refreshes one grant, tells when it comes to the step `haltAt`, and goes on when it is told to. */
runWorker(async (input, channel) => {
  const { address, resource, owner, haltAt } = input;
  const opened = await openTokenStore(address);
  let halted = false;
  const { store, fetch } = halting(opened, async (step) => {
    if (step !== haltAt || halted) return;
    halted = true;
    channel.send(step);
    await channel.receive();
  });
  const { oauth } = fleetClient(store, { ...input, fetch });
  const session = oauth.session({ resource, owner });
  let outcome;
  try {
    const token = fingerprint(await session.accessToken());
    await call(session, resource);
    outcome = { ok: true, token };
  } catch (error) {
    outcome = { ok: false, code: error.code, reason: error.reason };
  }
  const { generation } = await session.status();
  await oauth.close();
  await opened.close();
  return { ...outcome, generation };
});
