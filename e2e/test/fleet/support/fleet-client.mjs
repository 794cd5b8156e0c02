import { createHash } from 'node:crypto';
import { createOAuthClient } from '@mcp-oauth/core';
import { NodeProcessIdentity } from '@mcp-oauth/node';

/** A client as every process of a fleet makes it. It counts the logins that it would have opened. */
export function fleetClient(store, { secret, refresh, identity = false, fetch = globalThis.fetch, onEvent }) {
  const counts = { opened: 0 };
  const oauth = createOAuthClient({
    store,
    owners: 'many',
    client: { client_name: 'Fleet' },
    secret: new TextEncoder().encode(secret),
    browser: { open: () => Promise.resolve({ opened: Boolean(++counts.opened) }) },
    ...(refresh ? { refresh } : {}),
    ...(identity ? { processIdentity: new NodeProcessIdentity() } : {}),
    fetch,
    ...(onEvent ? { onEvent } : {}),
  });
  return { oauth, counts };
}

/** One call of the MCP server. Rejects unless it was answered. */
export async function call(session, resource) {
  const response = await session.fetch(resource, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`answered ${response.status}`);
}

/** Tells tokens apart without telling one. */
export const fingerprint = (token) => createHash('sha256').update(token).digest('hex').slice(0, 12);

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
