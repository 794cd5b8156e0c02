import { createOAuthClient } from '@mcp-oauth/core';
import { runWorker } from '@mcp-oauth/e2e/worker';
import { RedisTokenStore } from '@mcp-oauth/storage-redis';
import { Redis } from 'ioredis';

const BETWEEN_USES_MS = 50;

/** Asks for the token of a login again and again, until there is none or it is told to stop. */
runWorker(async ({ port, host, resource, secret }, channel) => {
  const client = new Redis(port, host);
  client.on('error', () => undefined);
  const store = new RedisTokenStore({ client });
  let opened = 0;
  const oauth = createOAuthClient({
    store,
    client: { client_name: 'Replica' },
    secret: new TextEncoder().encode(secret),
    browser: { open: () => Promise.resolve({ opened: Boolean(++opened) }) },
  });
  const session = oauth.session({ resource });
  let stopped = false;
  void channel.receive().then(() => {
    stopped = true;
  });
  let served = 0;
  let lastServedAt = 0;
  let longestGapMs = 0;
  let waited = 0;
  let ended;
  while (!stopped && !ended) {
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    try {
      await session.accessToken();
      // What memory has is there before this process hears of anything else.
      if (turned) waited++;
      const servedAt = Date.now();
      if (served > 0) longestGapMs = Math.max(longestGapMs, servedAt - lastServedAt);
      served++;
      lastServedAt = servedAt;
      if (served === 1) channel.send('serving');
    } catch ({ code, reason }) {
      ended = { code, reason };
    }
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_USES_MS));
  }
  await oauth.close();
  await store.close();
  client.disconnect();
  return { served, lastServedAt, longestGapMs, waited, ended: ended ?? null, opened };
});
