import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import type {
  ClientKey,
  FetchLike,
  OAuthClient,
  OAuthClientEvent,
  OAuthSession,
  SessionSettings,
  TokenStore,
} from '@mcp-oauth/core';
import { startMcpServer, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type {
  McpServerOptions,
  RegisteredClient,
  RunningMcpServer,
  StrictAuthorizationServer,
  StrictServerOptions,
} from '@mcp-oauth/e2e';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { exportJWK, generateKeyPair, type JWK } from 'jose';

export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** A strict authorization server, an MCP server that it guards, and hosts without any way to ask a person. */
export class Scene {
  readonly server: StrictAuthorizationServer;
  readonly mcp: RunningMcpServer;
  readonly events: OAuthClientEvent[] = [];
  readonly #closing: (() => Promise<void>)[];

  private constructor(
    server: StrictAuthorizationServer,
    mcp: RunningMcpServer,
    closing: (() => Promise<void>)[],
  ) {
    this.server = server;
    this.mcp = mcp;
    this.#closing = closing;
  }

  static async start(behaviour: StrictServerOptions = {}, mcpOptions: McpServerOptions = {}): Promise<Scene> {
    const server = await startStrictAuthorizationServer({ registration: false, ...behaviour });
    const mcp = await startMcpServer({ authorizationServers: [server], ...mcpOptions });
    return new Scene(server, mcp, [() => server.close(), () => mcp.close()]);
  }

  oauth(
    options: {
      readonly store?: TokenStore;
      readonly fetch?: FetchLike;
      readonly aheadMs?: () => number;
    } = {},
  ): OAuthClient {
    const oauth = createOAuthClient({
      store: options.store ?? new MemoryTokenStore(),
      client: { client_name: 'Machine' },
      now: () => Date.now() + (options.aheadMs?.() ?? 0),
      onEvent: (event) => void this.events.push(event),
      ...(options.fetch ? { fetch: options.fetch } : {}),
    });
    this.closeLater(() => oauth.close());
    return oauth;
  }

  session(settings: SessionSettings, oauth: OAuthClient = this.oauth()): OAuthSession {
    return oauth.session({ resource: this.mcp.url }, settings);
  }

  /** Token requests so far, by grant type. */
  tokenRequests(grantType?: string): number {
    const entries = this.server.log().filter(({ endpoint }) => endpoint === 'token');
    return entries.filter((entry) => grantType === undefined || entry.grantType === grantType).length;
  }

  closeLater(end: () => Promise<void>): void {
    this.#closing.push(end);
  }

  async close(): Promise<void> {
    for (const end of this.#closing.reverse()) await end();
  }
}

export function newClient(): Client {
  return new Client({ name: 'machine', version: '1' });
}

/** A client that gets tokens by a secret, and its settings. */
export function secretClient(
  server: StrictAuthorizationServer,
  authenticationMethod: 'client_secret_basic' | 'client_secret_post' = 'client_secret_basic',
  grantTypes: readonly string[] = ['client_credentials'],
): { client: RegisteredClient; settings: SessionSettings } {
  const client = server.addClient({ redirectUris: [], authenticationMethod, grantTypes });
  const settings = {
    clientId: client.clientId,
    clientSecret: client.clientSecret,
    tokenEndpointAuthMethod: authenticationMethod,
    grant: { type: 'client_credentials' } as const,
  };
  return { client, settings };
}

export interface TestKey {
  readonly privateKey: ClientKey & { readonly key: JsonWebKey };
  readonly jwks: { readonly keys: JWK[] };
  /** What must show nowhere. */
  readonly secret: string;
}

export async function newKey(alg = 'ES256'): Promise<TestKey> {
  const pair = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(pair.privateKey);
  const publicJwk = await exportJWK(pair.publicKey);
  return {
    privateKey: { key: jwk, kid: 'main', alg },
    jwks: { keys: [{ ...publicJwk, kid: 'main', alg, use: 'sig' }] },
    secret: jwk.d ?? '',
  };
}

/** The first request of an MCP client, with the session's own fetch. */
export async function initialized(session: OAuthSession, url: URL): Promise<Response> {
  return await session.fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 0,
      method: 'initialize',
      params: {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'machine', version: '1' },
      },
    }),
  });
}
