import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import type { OAuthClient, OAuthClientOptions } from '@mcp-oauth/core';
import { ScriptedBrowser, startMcpServer, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type {
  McpServerOptions,
  RunningMcpServer,
  StrictAuthorizationServer,
  StrictAuthorizationServerOptions,
} from '@mcp-oauth/e2e';
import { LoopbackCallbackListener } from '@mcp-oauth/node';

export interface DesktopSceneOptions {
  readonly server?: StrictAuthorizationServerOptions;
  readonly mcp?: McpServerOptions;
}

/** A strict authorization server, an MCP server that it guards, and hosts on the machine of a person who says yes. */
export class DesktopScene {
  readonly server: StrictAuthorizationServer;
  readonly mcp: RunningMcpServer;
  /** The person's, whichever host opens a page. */
  readonly browser = new ScriptedBrowser();
  readonly #closing: (() => Promise<void>)[] = [];

  private constructor(server: StrictAuthorizationServer, mcp: RunningMcpServer) {
    this.server = server;
    this.mcp = mcp;
  }

  static async start(options: DesktopSceneOptions = {}): Promise<DesktopScene> {
    const server = await startStrictAuthorizationServer(options.server);
    const mcp = await startMcpServer({ authorizationServers: [server], ...options.mcp });
    return new DesktopScene(server, mcp);
  }

  /** One more host, closed with the scene. Over a store of its own, unless one is given. */
  oauth(options: Partial<OAuthClientOptions> = {}): OAuthClient {
    const callbackListener = new LoopbackCallbackListener();
    return this.unattended({ browser: this.browser, callbackListener, ...options });
  }

  /** One that opens no page itself: nobody sits there, or the host shows the page its own way. */
  unattended(options: Partial<OAuthClientOptions> = {}): OAuthClient {
    const oauth = createOAuthClient({
      store: new MemoryTokenStore(),
      client: { client_name: 'Test host' },
      ...options,
    });
    this.closeLater(() => oauth.close());
    return oauth;
  }

  /** What is given last is closed first, and the servers in the end. */
  closeLater(close: () => Promise<void>): void {
    this.#closing.push(close);
  }

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close();
    await this.mcp.close();
    await this.server.close();
  }
}
