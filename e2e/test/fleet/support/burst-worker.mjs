import { runWorker } from '@mcp-oauth/e2e/worker';
import { openTokenStore } from '@mcp-oauth/open-store';
import { call, fleetClient, sleep } from './fleet-client.mjs';

/**
 * Wakes with every tick of the clock, as all the others of its fleet do, and lets `callers` call at once. Mostly the
 * token has expired by then. After every third tick it calls again within the token's life, when it is to be renewed
 * early.
 */
runWorker(async (input, channel) => {
  const { address, resource, owner, callers, tickMs } = input;
  const store = await openTokenStore(address);
  const { oauth, counts } = fleetClient(store, input);
  const session = oauth.session({ resource, owner });
  let stopped = false;
  void channel.receive().then(() => {
    stopped = true;
  });
  let calls = 0;
  let slowestMs = 0;
  const failures = [];
  const burst = async () => {
    const began = performance.now();
    const answers = await Promise.allSettled(Array.from({ length: callers }, () => call(session, resource)));
    slowestMs = Math.max(slowestMs, performance.now() - began);
    calls += answers.length;
    for (const { reason } of answers.filter(({ status }) => status === 'rejected')) {
      failures.push(reason.cause ? `${reason}: ${reason.cause}` : String(reason));
    }
  };
  while (!stopped) {
    const tick = Math.floor(Date.now() / tickMs) + 1;
    await sleep(tick * tickMs - Date.now());
    await burst();
    if (tick % 3 === 0) {
      await sleep(tick * tickMs + tickMs / 2 - Date.now());
      await burst();
    }
  }
  await oauth.close();
  await store.close();
  return { calls, slowestMs, failed: failures.length, failures: failures.slice(0, 3), ...counts };
});
