import { setTimeout as sleep } from 'node:timers/promises';
import { refreshesForOneExpiry } from '@mcp-oauth/e2e';
import type { Stage } from '../stage.js';
import { textOf } from '../tool-answer.js';

const CALLS = 20;
/** After its end by the clock, so that nothing but a refresh can help. */
const BEYOND_MS = 100;

export async function twentyCalls(stage: Stage): Promise<void> {
  const { narrator, host, client, mcpServer, authorizationServer, trail, signal } = stage;
  narrator.chapter(`The token expires, and ${CALLS} calls come at once`);
  const session = host.oauth.session({ resource: mcpServer.url });
  // On a slow machine a call above may have had the token renewed, even just now.
  for (;;) {
    const { expiresAt } = await session.status();
    const waitMs = (expiresAt?.getTime() ?? 0) + BEYOND_MS - Date.now();
    if (waitMs <= 0) break;
    narrator.aside(`waiting ${(waitMs / 1_000).toFixed(1)} s for its end …`);
    await sleep(waitMs, undefined, { signal });
  }
  const before = {
    counts: authorizationServer.counts(),
    generation: (await session.status()).generation ?? 0,
    opens: trail.browserOpens,
    unauthorized: mcpServer.counts().unauthorized,
  };
  const answers = await Promise.allSettled(
    Array.from(
      { length: CALLS },
      async (_, index) =>
        textOf(await client.callTool({ name: 'add', arguments: { a: index, b: index } })) ===
        String(2 * index),
    ),
  );
  const right = answers.filter((answer) => answer.status === 'fulfilled' && answer.value).length;
  const refreshes = refreshesForOneExpiry(before.counts, authorizationServer.counts());
  const opens = trail.browserOpens - before.opens;
  narrator.fact('calls', CALLS);
  narrator.fact('failed', CALLS - right);
  narrator.fact('refreshes', refreshes, 'of the token that expired, counted by the authorization server');
  narrator.fact('browser opens', opens);
  narrator.say();
  narrator.aside('The MCP SDK alone, given a provider, refreshes in each call that meets the expired token,');
  narrator.aside(
    'with the same refresh token. A server that rotates takes the second use for theft and ends',
  );
  narrator.aside('the login.');
  narrator.say();
  narrator.claim('no call failed', CALLS - right, 0);
  narrator.claim('one refresh of the token that expired', refreshes, 1);
  narrator.claim('no browser was opened', opens, 0);
  narrator.claim(
    'no request went out with the old token',
    mcpServer.counts().unauthorized - before.unauthorized,
    0,
  );
  narrator.claim(
    'the login goes on, with a new token set',
    ((await session.status()).generation ?? 0) > before.generation,
  );
}
