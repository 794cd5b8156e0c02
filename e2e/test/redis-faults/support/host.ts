import { setTimeout as sleep } from 'node:timers/promises';
import { createOAuthClient } from '@mcp-oauth/core';
import type { OAuthClient, OAuthClientEvent, OAuthSession } from '@mcp-oauth/core';
import { person } from '@mcp-oauth/e2e';
import { LoopbackCallbackListener } from '@mcp-oauth/node';
import { RedisTokenStore } from '@mcp-oauth/storage-redis';
import type { RedisClient } from '@mcp-oauth/storage-redis';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

export interface HostOptions {
  /** The host ends it. */
  readonly client: RedisClient & { disconnect(): void };
  readonly resource: string;
  readonly secret: string;
  readonly now: () => number;
}

export type Outcome =
  | { readonly value: string }
  | { readonly code: string | undefined; readonly kind: string | undefined; readonly message: string };

const RECOVERY_MS = 30_000;
const BETWEEN_USES_MS = 100;

/** One replica: an OAuth client and an MCP client of its own over a connection of its own to Redis. */
export class Host {
  readonly session: OAuthSession;
  readonly events: OAuthClientEvent[] = [];
  /** How often a person would have been sent to a login page. */
  opened = 0;
  /** Awaited between the answer to a refresh and the host that sent it. */
  onRefreshed: () => Promise<unknown> = () => Promise.resolve();
  readonly #redis: HostOptions['client'];
  readonly #store: RedisTokenStore;
  readonly #oauth: OAuthClient;
  readonly #mcp = new Client({ name: 'host', version: '1' });

  constructor({ client, resource, secret, now }: HostOptions) {
    this.#redis = client;
    this.#store = new RedisTokenStore({ client });
    this.#oauth = createOAuthClient({
      store: this.#store,
      client: { client_name: 'Replica' },
      secret: new TextEncoder().encode(secret),
      now,
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        const body = init?.body;
        if (body instanceof URLSearchParams && body.get('grant_type') === 'refresh_token')
          await this.onRefreshed();
        return response;
      },
      browser: {
        open: () => {
          this.opened++;
          return Promise.resolve({ opened: true });
        },
      },
      callbackListener: new LoopbackCallbackListener(),
      onEvent: (event) => this.events.push(event),
    });
    this.session = this.#oauth.session({ resource });
  }

  /** Logs the one owner in. */
  async login(): Promise<void> {
    const begun = await this.session.beginAuthorization({ redirectUri: 'http://127.0.0.1:9/callback' });
    const callback = await person.consent(begun.authorizationUrl);
    await this.#oauth.completeAuthorization(callback, { binding: begun.binding });
  }

  async connect(): Promise<void> {
    const { resource } = this.session.key;
    const transport = new StreamableHTTPClientTransport(new URL(resource), { fetch: this.session.fetch });
    await this.#mcp.connect(transport);
  }

  /** Has a tool say whose token it was called with. */
  async call(): Promise<void> {
    await this.#mcp.callTool({ name: 'whoami', arguments: {} });
  }

  token(): Promise<string> {
    return this.session.accessToken();
  }

  /** Asks for the token until there is one. Every failure on the way must be the store's. */
  recovered(): Promise<string> {
    return insist(() => this.token());
  }

  /** Calls until it is answered. Every failure on the way must be the store's. */
  async recoveredCall(): Promise<void> {
    await insist(() => this.call().then(() => 'called'));
  }

  /** What was said of the store's trouble and of logins. */
  told(type: OAuthClientEvent['type']): readonly OAuthClientEvent[] {
    return this.events.filter((event) => event.type === type);
  }

  async close(): Promise<void> {
    await this.#mcp.close();
    await this.#oauth.close();
    await this.#store.close();
    this.#redis.disconnect();
  }
}

export async function outcomeOf(use: Promise<string>): Promise<Outcome> {
  try {
    return { value: await use };
  } catch (error) {
    const { code, kind, message } = error as { code?: string; kind?: string; message: string };
    return { code, kind, message };
  }
}

async function insist(use: () => Promise<string>): Promise<string> {
  const until = performance.now() + RECOVERY_MS;
  for (;;) {
    const outcome = await outcomeOf(use());
    if ('value' in outcome) return outcome.value;
    if (outcome.code !== 'store_failed' || performance.now() > until)
      throw new Error(`The host did not recover: ${JSON.stringify(outcome)}`);
    await sleep(BETWEEN_USES_MS);
  }
}
