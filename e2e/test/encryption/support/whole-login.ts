import { createOAuthClient } from '@mcp-oauth/core';
import type { OAuthClient, OAuthSession, TokenStore } from '@mcp-oauth/core';
import { person, startMcpServer, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { RunningMcpServer, StrictAuthorizationServer } from '@mcp-oauth/e2e';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { callTool } from '../../rig/sdk-login.js';

const redirectUri = 'https://host.example/oauth/callback';

export interface BegunLogin {
  readonly state: string;
  readonly binding: string;
  /** Says yes, and comes back. */
  finish(): Promise<void>;
}

/** A strict server whose clients have secrets, an MCP server that it guards, and hosts over any store. */
export class Scene {
  readonly server: StrictAuthorizationServer;
  readonly mcp: RunningMcpServer;
  /** The PKCE verifiers that were sent to the token endpoint. */
  readonly verifiers: string[] = [];
  readonly #hosts: OAuthClient<'many'>[] = [];

  private constructor(server: StrictAuthorizationServer, mcp: RunningMcpServer) {
    this.server = server;
    this.mcp = mcp;
  }

  static async start(): Promise<Scene> {
    const server = await startStrictAuthorizationServer({
      metadata: { token_endpoint_auth_methods_supported: ['client_secret_basic'] },
    });
    return new Scene(server, await startMcpServer({ authorizationServers: [server] }));
  }

  /** A host that has nothing in memory. */
  host(store: TokenStore): OAuthClient<'many'> {
    const oauth = createOAuthClient({
      store,
      owners: 'many',
      client: { client_name: 'Web host' },
      fetch: async (url, init) => {
        const form = new URLSearchParams(await new Request(url, init).text());
        this.verifiers.push(...form.getAll('code_verifier'));
        return fetch(url, init);
      },
    });
    this.#hosts.push(oauth);
    return oauth;
  }

  session(oauth: OAuthClient<'many'>, owner: string, profile = 'default'): OAuthSession {
    return oauth.session({ resource: this.mcp.url, owner, profile });
  }

  async begin(oauth: OAuthClient<'many'>, owner: string, profile?: string): Promise<BegunLogin> {
    const session = this.session(oauth, owner, profile);
    const { authorizationUrl, binding } = await session.beginAuthorization({ redirectUri });
    return {
      state: new URL(authorizationUrl).searchParams.get('state') ?? '',
      binding,
      finish: async () => {
        const callback = await person.consent(authorizationUrl, { user: owner });
        await oauth.completeAuthorization(callback, { owner, binding });
      },
    };
  }

  /** Calls a tool of the MCP server, which answers whose token it saw. */
  async whoAmI(session: OAuthSession): Promise<unknown> {
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(this.mcp.url, { fetch: session.fetch }));
    const answer = JSON.parse(await callTool(client, 'whoami')) as { subject: unknown };
    await client.close();
    return answer.subject;
  }

  async close(): Promise<void> {
    for (const oauth of this.#hosts) await oauth.close();
    await this.mcp.close();
    await this.server.close();
  }
}
