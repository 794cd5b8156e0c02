import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import type { OAuthClient, OAuthClientOptions } from '@mcp-oauth/core';
import { ScriptedBrowser, startMcpServer, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { RunningMcpServer, StrictAuthorizationServer } from '@mcp-oauth/e2e';
import { LoopbackCallbackListener } from '@mcp-oauth/node';

export interface LoggedIn {
  readonly server: StrictAuthorizationServer;
  readonly mcp: RunningMcpServer;
  readonly oauth: OAuthClient;
  readonly browser: ScriptedBrowser;
  readonly resource: string;
  readonly store: OAuthClientOptions['store'];
  close(): Promise<void>;
}

/** A strict server, a guarded MCP server and a client whose person has logged in once. */
export async function loggedIn(
  accessTokenTtl: number,
  options: Partial<OAuthClientOptions> = {},
): Promise<LoggedIn> {
  const server = await startStrictAuthorizationServer({ accessTokenTtl });
  const mcp = await startMcpServer({ authorizationServers: [server] });
  const browser = new ScriptedBrowser();
  const store = options.store ?? new MemoryTokenStore();
  const oauth = createOAuthClient({
    client: { client_name: 'Test host' },
    browser,
    callbackListener: new LoopbackCallbackListener(),
    ...options,
    store,
  });
  const resource = mcp.url.href;
  await oauth.session({ resource }).authorize();
  return {
    server,
    mcp,
    oauth,
    browser,
    resource,
    store,
    close: async () => {
      await oauth.close();
      await mcp.close();
      await server.close();
    },
  };
}
