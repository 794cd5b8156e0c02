import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import type { OAuthClient, OAuthClientEvent, OAuthClientOptions, OAuthSession } from '@mcp-oauth/core';
import { LeakOracle, ScriptedBrowser, startMcpServer, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { Leak, RunningMcpServer, StrictAuthorizationServer } from '@mcp-oauth/e2e';
import { LoopbackCallbackListener } from '@mcp-oauth/node';

export const METADATA_URL = 'https://host.example/client.json';

/** A person who is logged in at the first authorization server of an MCP server that is about to move to the second. */
export class MigrationScene {
  readonly first: StrictAuthorizationServer;
  readonly second: StrictAuthorizationServer;
  readonly mcp: RunningMcpServer;
  readonly store = new MemoryTokenStore();
  readonly browser = new ScriptedBrowser();
  readonly events: OAuthClientEvent[] = [];
  readonly #closing: (() => Promise<void>)[] = [];

  private constructor(
    first: StrictAuthorizationServer,
    second: StrictAuthorizationServer,
    mcp: RunningMcpServer,
  ) {
    this.first = first;
    this.second = second;
    this.mcp = mcp;
  }

  static async run(body: (scene: MigrationScene) => Promise<void>): Promise<void> {
    const first = await startStrictAuthorizationServer();
    const second = await startStrictAuthorizationServer({ keepsReceived: true });
    const mcp = await startMcpServer({
      authorizationServers: [first, second],
      trusts: (issuer) => issuer === first.issuer,
    });
    const scene = new MigrationScene(first, second, mcp);
    try {
      await body(scene);
    } finally {
      for (const close of scene.#closing.reverse()) await close();
      await mcp.close();
      await second.close();
      await first.close();
    }
  }

  onEnd(close: () => Promise<void>): void {
    this.#closing.push(close);
  }

  /** Another process of the host, as far as memory goes. */
  host(options: Partial<OAuthClientOptions> = {}): OAuthClient {
    const oauth = createOAuthClient({
      store: this.store,
      client: { client_name: 'Test host' },
      browser: this.browser,
      callbackListener: new LoopbackCallbackListener(),
      onEvent: (event) => void this.events.push(event),
      ...options,
    });
    this.#closing.push(() => oauth.close());
    return oauth;
  }

  session(oauth: OAuthClient = this.host()): OAuthSession {
    return oauth.session({ resource: this.mcp.url });
  }

  /** From now on the MCP server names the second server, and takes its tokens alone. */
  move(): void {
    this.mcp.behaviour.trusts = (issuer) => issuer === this.second.issuer;
  }

  /** What the second server was shown of the first one's. */
  leaked(): readonly Leak[] {
    return this.#foreign(this.second.received().join('\n'));
  }

  /** What the store still holds of the first one's. */
  async kept(): Promise<readonly Leak[]> {
    const partitions = await this.host().partitions();
    const records = await Promise.all(partitions.map((partition) => this.store.list(partition)));
    return records.flat().flatMap(({ value }) => this.#foreign(new TextDecoder().decode(value)));
  }

  refreshesAt(server: StrictAuthorizationServer): number {
    return server.log().filter(({ grantType }) => grantType === 'refresh_token').length;
  }

  #foreign(text: string): readonly Leak[] {
    const own = this.second.secrets().reduce((left, secret) => left.replaceAll(secret, ''), text);
    return new LeakOracle(this.first.secrets()).findIn(own);
  }
}
