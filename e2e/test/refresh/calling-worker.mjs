import { createOAuthClient } from '@mcp-oauth/core';
import { runWorker } from '@mcp-oauth/e2e/worker';
import { NodeProcessIdentity } from '@mcp-oauth/node';
import { FileTokenStore } from '@mcp-oauth/storage-fs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/** Calls a tool `callers` times at once, again and again until it is told to stop. */
runWorker(async ({ directory, resource, callers, refresh, identity }, channel) => {
  const store = new FileTokenStore({ directory });
  let opened = 0;
  const oauth = createOAuthClient({
    store,
    client: { client_name: 'worker' },
    refresh,
    ...(identity ? { processIdentity: new NodeProcessIdentity() } : {}),
    browser: { open: () => Promise.resolve({ opened: Boolean(++opened) }) },
  });
  const session = oauth.session({ resource });
  const client = new Client({ name: 'worker', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(resource), { fetch: session.fetch }));
  let stopped = false;
  void channel.receive().then(() => {
    stopped = true;
  });
  let calls = 0;
  const failures = [];
  while (!stopped) {
    const answers = await Promise.allSettled(
      Array.from({ length: callers }, () => client.callTool({ name: 'whoami', arguments: {} })),
    );
    calls += answers.length;
    for (const answer of answers) if (answer.status === 'rejected') failures.push(String(answer.reason));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await client.close();
  await oauth.close();
  await store.close();
  return { calls, failures: failures.slice(0, 5), failed: failures.length, opened };
});
