import { createOAuthClient } from '@mcp-oauth/core';
import { runWorker } from '@mcp-oauth/e2e/worker';
import { NodeProcessIdentity } from '@mcp-oauth/node';
import { openTokenStore } from '@mcp-oauth/open-store';

const ping = {
  method: 'POST',
  headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
};

/** One process of a host: says that it is ready, waits for the word, and sends all its calls at once. */
runWorker(async ({ store: address, resource, calls }, channel) => {
  const store = await openTokenStore(address);
  const oauth = createOAuthClient({
    store,
    client: { client_name: 'Test host' },
    processIdentity: new NodeProcessIdentity(),
  });
  const session = oauth.session({ resource });
  channel.send('ready');
  await channel.receive();
  const statuses = await Promise.all(
    Array.from({ length: calls }, async (_, index) => {
      const params = {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'test', version: '1' },
      };
      const body = JSON.stringify({ jsonrpc: '2.0', id: index + 1, method: 'initialize', params });
      const response = await session.fetch(resource, { ...ping, body });
      await response.body?.cancel();
      return response.status;
    }),
  );
  await oauth.close();
  await store.close();
  return statuses;
});
