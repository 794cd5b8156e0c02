import type { OAuthSession } from '@mcp-oauth/core';

/** The first request of MCP, without an SDK: what the server says to the token of the session. */
export async function initialize(session: OAuthSession, resource: string | URL): Promise<number> {
  const response = await session.fetch(resource, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: {
        protocolVersion: '2025-06-18',
        capabilities: {},
        clientInfo: { name: 'custom-store', version: '0.1.0' },
      },
    }),
  });
  await response.body?.cancel();
  return response.status;
}
