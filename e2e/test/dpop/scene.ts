import { MemoryTokenStore } from '@mcp-oauth/core';
import type {
  CompareAndSetResult,
  FetchLike,
  OAuthClient,
  OAuthClientEvent,
  OAuthClientOptions,
  OAuthSession,
  RecordKey,
  SessionSettings,
  TokenStore,
  Version,
  WriteOptions,
} from '@mcp-oauth/core';
import { person } from '@mcp-oauth/e2e';
import type { RunningMcpServer, StrictAuthorizationServer } from '@mcp-oauth/e2e';
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { DesktopScene } from '../desktop-scene.js';
import type { DesktopSceneOptions } from '../desktop-scene.js';

export const redirectUri = 'https://host.example/oauth/callback';

/** A request as it left a host. */
export interface SentRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
}

/** The part of both SDKs' clients that tests use. */
export interface Caller {
  callTool(request: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  close(): Promise<void>;
}

/** Remembers everything that was ever written to it. */
class RecordingStore extends MemoryTokenStore {
  readonly #written: string[] = [];

  get written(): string {
    return this.#written.join('\n');
  }

  override compareAndSet(
    key: RecordKey,
    expected: Version | null,
    value: Uint8Array | null,
    options?: WriteOptions,
  ): Promise<CompareAndSetResult> {
    if (value) this.#written.push(new TextDecoder().decode(value));
    return super.compareAndSet(key, expected, value, options);
  }
}

/** Servers that offer DPoP, unless told otherwise, and hosts over any store whose person says yes. */
export class Scene {
  readonly server: StrictAuthorizationServer;
  readonly mcp: RunningMcpServer;
  readonly store = new RecordingStore();
  readonly sent: SentRequest[] = [];
  readonly events: OAuthClientEvent[] = [];
  readonly #scene: DesktopScene;

  private constructor(scene: DesktopScene) {
    this.#scene = scene;
    this.server = scene.server;
    this.mcp = scene.mcp;
  }

  static async start({ server, mcp }: DesktopSceneOptions = {}): Promise<Scene> {
    const dpop = 'offered';
    return new Scene(await DesktopScene.start({ server: { dpop, ...server }, mcp: { dpop, ...mcp } }));
  }

  /** One process of a host, as far as OAuth goes. */
  host(options: Partial<OAuthClientOptions> & { readonly store?: TokenStore } = {}): OAuthClient {
    return this.#scene.unattended({
      store: this.store,
      fetch: this.fetch,
      onEvent: (event) => this.events.push(event),
      ...options,
    });
  }

  session(oauth: OAuthClient, settings: SessionSettings = {}): OAuthSession {
    return oauth.session({ resource: this.mcp.url }, settings);
  }

  /** A session that somebody has just logged in to. */
  async loggedIn(oauth: OAuthClient = this.host(), settings: SessionSettings = {}): Promise<OAuthSession> {
    const session = this.session(oauth, settings);
    await logIn(oauth, session);
    return session;
  }

  async connected(session: OAuthSession, sdk: 'v1' | 'v2' = 'v1'): Promise<Caller> {
    const { fetch } = session;
    const info = { name: 'test', version: '1' };
    const client = sdk === 'v1' ? new Client(info) : new ClientV2(info);
    this.closeLater(() => client.close());
    if (client instanceof Client)
      await client.connect(new StreamableHTTPClientTransport(this.mcp.url, { fetch }));
    else await client.connect(new TransportV2(this.mcp.url, { fetch }));
    return client;
  }

  /** The proofs that went to an address. */
  proofsTo(url: string | URL): readonly string[] {
    const { href } = new URL(url);
    return this.sent.flatMap((request) => (request.url === href ? (request.headers.get('dpop') ?? []) : []));
  }

  /** The private halves of the keys that the store was ever given in plain text. */
  privateKeys(): readonly string[] {
    return [...new Set([...this.store.written.matchAll(/"d":"([\w-]+)"/g)].flatMap(([, d]) => d ?? []))];
  }

  closeLater(close: () => Promise<void>): void {
    this.#scene.closeLater(close);
  }

  async close(): Promise<void> {
    await this.#scene.close();
  }

  readonly fetch: FetchLike = (url, init = {}) => {
    const { href } = new URL(url);
    this.sent.push({ url: href, method: init.method ?? 'GET', headers: new Headers(init.headers) });
    return fetch(url, init);
  };
}

export async function logIn(oauth: OAuthClient, session: OAuthSession): Promise<URL> {
  const { authorizationUrl, binding } = await session.beginAuthorization({ redirectUri });
  await oauth.completeAuthorization(await person.consent(authorizationUrl, { user: 'alice' }), { binding });
  return authorizationUrl;
}

/** As what tokens came to the MCP server. */
export function schemes({ mcp }: { readonly mcp: RunningMcpServer }): readonly (string | undefined)[] {
  return [...new Set(mcp.log().flatMap(({ scheme }) => scheme ?? []))];
}

/** A bare message of a client, past all libraries. */
export function ping(url: string | URL, headers: Record<string, string>): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
  });
}

export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('It did not fail.');
}

export const whoami = { name: 'whoami', arguments: {} };
