import { expect } from '@jest/globals';
import { createOAuthClient, OAuthClientError } from '@mcp-oauth/core';
import type { AnyOAuthClientError, OAuthClient, OAuthClientOptions, OAuthSession } from '@mcp-oauth/core';
import { expectNoLeaks, person, startMcpServer, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type {
  McpServerOptions,
  RunningMcpServer,
  StrictAuthorizationServer,
  StrictAuthorizationServerOptions,
} from '@mcp-oauth/e2e';
import { WatchedStore } from './watched-store.js';

export const REDIRECT_URI = 'https://host.example/oauth/callback';

export interface WebHostOptions {
  readonly server?: StrictAuthorizationServerOptions;
  readonly mcp?: McpServerOptions;
  readonly oauth?: Partial<OAuthClientOptions<'many'>>;
}

/** A login of alice that has come to the point where her browser returns. */
export interface ConsentedLogin {
  readonly binding: string;
  readonly authorizationUrl: URL;
  readonly callback: URL;
}

/** A host with many users whose logins come back to its own web address, before real servers. */
export class WebHost {
  readonly store = new WatchedStore();
  readonly oauth: OAuthClient<'many'>;
  readonly server: StrictAuthorizationServer;
  readonly mcp: RunningMcpServer;
  readonly session: OAuthSession;

  private constructor(
    server: StrictAuthorizationServer,
    mcp: RunningMcpServer,
    options: Partial<OAuthClientOptions<'many'>> = {},
  ) {
    this.server = server;
    this.mcp = mcp;
    this.oauth = createOAuthClient({
      owners: 'many',
      fetch,
      store: this.store,
      client: { client_name: 'Web host' },
      ...options,
    });
    this.session = this.sessionOf('alice');
  }

  static async run(body: (host: WebHost) => Promise<void>, options: WebHostOptions = {}): Promise<void> {
    const server = await startStrictAuthorizationServer(options.server);
    const mcp = await startMcpServer({ authorizationServers: [server], ...options.mcp });
    const host = new WebHost(server, mcp, options.oauth);
    try {
      await body(host);
    } finally {
      await host.oauth.close();
      await mcp.close();
      await server.close();
    }
  }

  sessionOf(owner: string): OAuthSession {
    return this.oauth.session({ resource: this.mcp.url, owner });
  }

  async consented(session = this.session): Promise<ConsentedLogin> {
    const { authorizationUrl, binding } = await session.beginAuthorization({ redirectUri: REDIRECT_URI });
    return { binding, authorizationUrl, callback: new URL(await person.consent(authorizationUrl)) };
  }

  async complete(
    { callback, binding }: { readonly callback: URL | string; readonly binding: string },
    owner = 'alice',
  ) {
    return this.oauth.completeAuthorization(callback, { owner, binding });
  }

  async expectLoggedIn(): Promise<void> {
    expect(await this.session.status()).toMatchObject({ state: 'logged_in' });
    await this.session.accessToken();
  }

  /** The callback is refused, nothing is sent, nothing is written, and the honest login completes afterwards. */
  async expectRefusedWithoutHarm(
    login: ConsentedLogin,
    forged: { readonly callback?: URL | string; readonly binding?: string; readonly owner?: string },
    reason: string,
  ): Promise<void> {
    const before = await this.store.records();
    const error = await refusal(this.complete({ ...login, ...forged }, forged.owner));
    expect(error).toMatchObject({ code: 'callback_rejected', reason });
    expectNoLeaks({ error }, [...this.server.secrets(), login.binding]);
    expect(this.server.counts().token).toBe(0);
    expect(await this.store.records()).toEqual(before);
    await this.complete(login);
    await this.expectLoggedIn();
    expect(this.server.counts().token).toBe(1);
  }
}

/** The error that a call ends with; it must be one of this library's own. */
export async function refusal(call: Promise<unknown>): Promise<AnyOAuthClientError> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!('error' in outcome)) throw new Error('The call was expected to be refused.');
  if (!(outcome.error instanceof OAuthClientError)) throw outcome.error;
  return outcome.error as AnyOAuthClientError;
}

/** The callback with one parameter set, or taken out. */
export function altered(callback: URL, name: string, value: string | undefined): URL {
  const url = new URL(callback);
  if (value === undefined) url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  return url;
}
