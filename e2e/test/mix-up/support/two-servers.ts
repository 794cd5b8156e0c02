import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import type { Browser, OAuthClient, OAuthSession, SessionSettings } from '@mcp-oauth/core';
import { LeakOracle, startMcpServer, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { Leak, RunningMcpServer, StrictAuthorizationServer } from '@mcp-oauth/e2e';
import { LoopbackCallbackListener } from '@mcp-oauth/node';
import { sparePort } from '../../../src/processes/spare-port.js';

export const REDIRECT_URI = 'https://host.example/oauth/callback';
export const METADATA_URL = 'https://host.example/client.json';

const options = { keepsReceived: true, deviceAuthorization: true, deviceInterval: 0.1 };
const grantTypes = ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'];

/** How the client is known at the honest server. */
export const clientKinds = [
  'registered dynamically',
  'registered by hand, with its issuer',
  'registered by hand, its issuer remembered',
  'known by its metadata document',
] as const;
export type ClientKind = (typeof clientKinds)[number];

/** An MCP server that can change from naming the honest authorization server to naming one of its own. */
export class TwoServers {
  readonly honest: StrictAuthorizationServer;
  readonly evil: StrictAuthorizationServer;
  readonly mcp: RunningMcpServer;
  readonly kind: ClientKind;
  readonly #store = new MemoryTokenStore();
  readonly #settings: SessionSettings;
  readonly #redirectUris: readonly string[];
  readonly #closing: (() => Promise<void>)[] = [];

  private constructor(
    kind: ClientKind,
    honest: StrictAuthorizationServer,
    evil: StrictAuthorizationServer,
    mcp: RunningMcpServer,
    port: number,
  ) {
    this.kind = kind;
    this.honest = honest;
    this.evil = evil;
    this.mcp = mcp;
    this.#redirectUris = [`http://localhost:${String(port)}/callback`, REDIRECT_URI];
    this.#settings = this.#settingsOf(port);
    if (kind === 'known by its metadata document') {
      for (const server of [honest, evil]) {
        server.behaviour.metadata = { client_id_metadata_document_supported: true };
        server.addClient({ clientId: METADATA_URL, redirectUris: this.#redirectUris, grantTypes });
      }
    }
  }

  static async run(kind: ClientKind, body: (servers: TwoServers) => Promise<void>): Promise<void> {
    const honest = await startStrictAuthorizationServer(options);
    const evil = await startStrictAuthorizationServer(options);
    const mcp = await startMcpServer({
      authorizationServers: [honest, evil],
      metadata: { authorization_servers: [honest.issuer] },
    });
    const servers = new TwoServers(kind, honest, evil, mcp, await sparePort());
    try {
      await body(servers);
    } finally {
      for (const close of servers.#closing.reverse()) await close();
      await mcp.close();
      await evil.close();
      await honest.close();
    }
  }

  /** From now on the MCP server names its own authorization server. It goes on taking the tokens that it has seen. */
  swap(): void {
    this.mcp.behaviour.metadata = { authorization_servers: [this.evil.issuer] };
  }

  onEnd(close: () => Promise<void>): void {
    this.#closing.push(close);
  }

  /** A process of the host. */
  host(browser?: Browser): OAuthClient {
    const oauth = createOAuthClient({
      store: this.#store,
      client: { client_name: 'Test host' },
      callbackListener: new LoopbackCallbackListener(),
      ...(browser ? { browser } : {}),
      ...(this.kind === 'known by its metadata document' ? { clientMetadataUrl: METADATA_URL } : {}),
    });
    this.onEnd(() => oauth.close());
    return oauth;
  }

  session(oauth: OAuthClient): OAuthSession {
    return oauth.session({ resource: this.mcp.url }, this.#settings);
  }

  #settingsOf(callbackPort: number): SessionSettings {
    if (!this.kind.startsWith('registered by hand')) return { callbackPort };
    const { clientId, clientSecret } = this.honest.addClient({
      redirectUris: this.#redirectUris,
      grantTypes,
      authenticationMethod: 'client_secret_basic',
    });
    const issuer = this.kind.endsWith('with its issuer') ? { issuer: this.honest.issuer } : {};
    return { clientId, clientSecret, callbackPort, ...issuer };
  }

  /** What the evil server was ever shown of what is the honest one's: tokens, codes, secrets, verifiers, names by hand. */
  leaked(): readonly Leak[] {
    const own = [...this.evil.secrets(), ...verifiersAt(this.evil)];
    const received = own.reduce(
      (left, secret) => left.replaceAll(secret, ''),
      this.evil.received().map(withoutBase64).join('\n'),
    );
    const { clientId } = this.#settings;
    const named =
      clientId === undefined || !received.includes(clientId) ? [] : [{ kind: 'client_id', where: 'it' }];
    const secrets = [...this.honest.secrets(), ...verifiersAt(this.honest)];
    return [...new LeakOracle(secrets).findIn(received), ...named];
  }
}

/** Those that came to a server; each is good for one code of one server. */
export function verifiersAt(server: StrictAuthorizationServer): readonly string[] {
  return server.received().flatMap((text) => /\bcode_verifier=([^&\s]+)/.exec(text)?.[1] ?? []);
}

/** So that the credentials that the evil server gave out itself can be told from others. */
function withoutBase64(text: string): string {
  return text.replace(/(?<=^authorization: Basic )\S+$/m, (pair) =>
    decodeURIComponent(Buffer.from(pair, 'base64').toString('utf8')),
  );
}
