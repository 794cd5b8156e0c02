import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import type {
  DevicePrompt,
  OAuthClient,
  OAuthClientEvent,
  OAuthClientOptions,
  OAuthSession,
  TokenStore,
  UserCode,
} from '@mcp-oauth/core';
import { person, startMcpServer, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type {
  McpServerOptions,
  PersonOptions,
  RequestLogEntry,
  RunningMcpServer,
  StrictAuthorizationServer,
  StrictServerOptions,
} from '@mcp-oauth/e2e';

export const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** A person with a phone, who opens the page of each code that is shown, or lets it lie. */
export class PersonWithPhone implements DevicePrompt {
  readonly shown: UserCode[] = [];
  readonly signals: AbortSignal[] = [];
  readonly #options: PersonOptions | 'does nothing';

  constructor(options: PersonOptions | 'does nothing' = {}) {
    this.#options = options;
  }

  isAvailable(): boolean {
    return true;
  }

  async show(code: UserCode, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    this.shown.push(code);
    this.signals.push(signal);
    if (this.#options === 'does nothing') return;
    await person.approveDevice(code.verificationUriComplete ?? code.verificationUri, this.#options);
  }
}

/** A strict authorization server with device authorization, an MCP server that it guards, and hosts without a browser. */
export class Scene {
  readonly server: StrictAuthorizationServer;
  readonly mcp: RunningMcpServer;
  readonly events: OAuthClientEvent[] = [];
  readonly #closing: (() => Promise<void>)[] = [];

  private constructor(server: StrictAuthorizationServer, mcp: RunningMcpServer) {
    this.server = server;
    this.mcp = mcp;
  }

  static async start(behaviour: StrictServerOptions = {}, mcpOptions: McpServerOptions = {}): Promise<Scene> {
    const server = await startStrictAuthorizationServer({ deviceAuthorization: true, ...behaviour });
    const mcp = await startMcpServer({ authorizationServers: [server], ...mcpOptions });
    return new Scene(server, mcp);
  }

  oauth(
    devicePrompt: DevicePrompt | undefined,
    {
      store = new MemoryTokenStore(),
      ...options
    }: Partial<OAuthClientOptions> & { readonly store?: TokenStore } = {},
  ): OAuthClient {
    const oauth = createOAuthClient({
      store,
      client: { client_name: 'Host at a terminal' },
      onEvent: (event) => void this.events.push(event),
      ...(devicePrompt ? { devicePrompt } : {}),
      ...options,
    });
    this.#closing.push(() => oauth.close());
    return oauth;
  }

  session(devicePrompt?: DevicePrompt, options: Partial<OAuthClientOptions> = {}): OAuthSession {
    return this.oauth(devicePrompt, options).session({ resource: this.mcp.url });
  }

  /** The polls so far. */
  polls(): readonly RequestLogEntry[] {
    return this.server
      .log()
      .filter(({ endpoint, grantType }) => endpoint === 'token' && grantType === DEVICE_CODE_GRANT);
  }

  closeLater(end: () => Promise<void>): void {
    this.#closing.push(end);
  }

  async close(): Promise<void> {
    for (const end of this.#closing.reverse()) await end();
    await this.mcp.close();
    await this.server.close();
  }
}

/** What a transport sends first. */
export async function reach(session: OAuthSession): Promise<Response> {
  const clientInfo = { name: 'test', version: '1' };
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
  return await send(session, { method: 'initialize', params });
}

/** A call of a tool: 400 where the server would let it through, since no session was begun. */
export async function call(session: OAuthSession, tool: string): Promise<Response> {
  return await send(session, { method: 'tools/call', params: { name: tool, arguments: {} } });
}

async function send(session: OAuthSession, message: object): Promise<Response> {
  const response = await session.fetch(session.key.resource, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }),
  });
  await response.body?.cancel();
  return response;
}

export async function refusal(work: Promise<unknown>): Promise<Error & { readonly code?: string }> {
  return await work.then(
    () => {
      throw new Error('It was expected to fail.');
    },
    (error: unknown) => error as Error,
  );
}
