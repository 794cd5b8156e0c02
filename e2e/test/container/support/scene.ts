import { ScriptedBrowser, startMcpServer, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { RunningMcpServer, StrictAuthorizationServer, TokenIssuer } from '@mcp-oauth/e2e';
import { LoopbackCallbackListener } from '@mcp-oauth/node';
import type { HttpServerConfig } from '@mcp-oauth/transport-factory';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { Storage } from './storage.js';
import type { Host, HostPorts, HostSettings, Wiring } from './wiring.js';

/** Real servers, a storage, a person at a browser, and hosts of one wiring. */
export class Scene {
  readonly browser = new ScriptedBrowser();
  readonly server: StrictAuthorizationServer;
  readonly mcp: RunningMcpServer;
  readonly storage: Storage;
  readonly wiring: Wiring;
  readonly #closing: (() => Promise<void>)[] = [];

  private constructor(
    server: StrictAuthorizationServer,
    mcp: RunningMcpServer,
    storage: Storage,
    wiring: Wiring,
  ) {
    this.server = server;
    this.mcp = mcp;
    this.storage = storage;
    this.wiring = wiring;
  }

  static async run(
    wiring: Wiring,
    startStorage: () => Promise<Storage>,
    body: (scene: Scene) => Promise<void>,
  ): Promise<void> {
    const server = await startStrictAuthorizationServer();
    const mcp = await startMcpServer({ authorizationServers: [server] });
    const storage = await startStorage();
    const scene = new Scene(server, mcp, storage, wiring);
    try {
      await body(scene);
    } finally {
      for (const close of scene.#closing.reverse()) await close();
      await storage.close();
      await mcp.close();
      await server.close();
    }
  }

  /** Closes it, at the end, before all that was kept earlier. */
  keep<Part extends { close(): Promise<void> }>(part: Part): Part {
    this.#closing.push(() => part.close());
    return part;
  }

  /** A host of one person, who is there. */
  async desktop(ports: HostPorts = {}, settings: HostSettings = {}): Promise<Host<'single'>> {
    const person = { browser: this.browser, callbackListener: new LoopbackCallbackListener() };
    return this.keep(await this.wiring.single(this.storage, { ...person, ...ports }, settings));
  }

  /** A host of many, whose people are elsewhere. */
  async web(): Promise<Host<'many'>> {
    return this.keep(await this.wiring.many(this.storage, [this.server.origin, this.mcp.url.origin]));
  }

  config(mcp: RunningMcpServer = this.mcp): HttpServerConfig {
    return { type: 'http', url: mcp.url.href, auth: { type: 'oauth' } };
  }

  async connect(transport: Transport): Promise<Client> {
    const client = this.keep(new Client({ name: 'test', version: '1' }));
    await client.connect(transport);
    return client;
  }

  async guardedBy(issuer: TokenIssuer): Promise<RunningMcpServer> {
    return this.keep(await startMcpServer({ authorizationServers: [issuer] }));
  }
}

/** Whose token the MCP server saw. */
export async function whoami(client: Client): Promise<unknown> {
  const { content } = await client.callTool({ name: 'whoami', arguments: {} });
  const [{ text }] = content as [{ text: string }];
  return (JSON.parse(text) as { subject: unknown }).subject;
}
