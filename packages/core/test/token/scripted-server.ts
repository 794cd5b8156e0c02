import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import type {
  OAuthClient,
  OAuthClientEvent,
  OAuthClientOptions,
  OAuthSession,
  TokenStore,
} from '@mcp-oauth/core';

export const RESOURCE = 'https://mcp.example/mcp';
const ISSUER = 'https://as.example';

export type TokenAnswer = Response | Error | Promise<Response>;

/** A `fetch` that is a whole MCP and authorization server, with every token response scripted by the test. */
export class ScriptedServer {
  readonly refreshes: string[] = [];
  readonly revoked: string[] = [];
  /** Answers a refresh; the number counts from 1. */
  onRefresh: (count: number) => TokenAnswer = (count) => this.tokens(count + 1);
  expiresIn = 3_600;
  onExchange: () => Response = () => this.tokens(1);

  readonly fetch = async (url: string | URL, init: RequestInit = {}): Promise<Response> => {
    const { pathname } = new URL(url);
    const body = new URLSearchParams(
      typeof init.body === 'string' ? init.body : (init.body as URLSearchParams),
    );
    switch (pathname) {
      case '/mcp':
        return new Response(null, { status: 401, headers: { 'www-authenticate': 'Bearer' } });
      case '/.well-known/oauth-protected-resource/mcp':
        return Response.json({ resource: RESOURCE, authorization_servers: [ISSUER] });
      case '/.well-known/oauth-authorization-server':
        return Response.json({
          issuer: ISSUER,
          authorization_endpoint: `${ISSUER}/authorize`,
          token_endpoint: `${ISSUER}/token`,
          registration_endpoint: `${ISSUER}/register`,
          revocation_endpoint: `${ISSUER}/revoke`,
          code_challenge_methods_supported: ['S256'],
        });
      case '/register':
        return Response.json({ client_id: 'client' }, { status: 201 });
      case '/revoke':
        this.revoked.push(body.get('token') ?? '');
        return new Response();
      case '/token': {
        if (body.get('grant_type') === 'authorization_code') return this.onExchange();
        this.refreshes.push(body.get('refresh_token') ?? '');
        const answer = await this.onRefresh(this.refreshes.length);
        if (answer instanceof Response) return answer;
        throw answer;
      }
      default:
        return new Response(null, { status: 404 });
    }
  };

  tokens(generation: number): Response {
    return Response.json({
      access_token: `access-${String(generation)}`,
      refresh_token: `refresh-${String(generation)}`,
      token_type: 'Bearer',
      expires_in: this.expiresIn,
    });
  }

  /** A client over `store`; its clock is `clock.now`. */
  client(store: TokenStore, options: Partial<OAuthClientOptions> = {}): OAuthClient {
    return createOAuthClient({
      store,
      client: { client_name: 'Test' },
      fetch: this.fetch,
      refresh: { timeoutMs: 200, leaseMs: 400 },
      ...options,
    });
  }
}

/** A person who has logged in, on a clock that the test turns. */
export async function scene(options: Partial<OAuthClientOptions> = {}) {
  const server = new ScriptedServer();
  const store = options.store ?? new MemoryTokenStore();
  const clock = { now: Date.now() };
  const events: OAuthClientEvent[] = [];
  const settings = {
    now: () => clock.now,
    onEvent: (event: OAuthClientEvent) => void events.push(event),
    ...options,
  };
  const another = (): OAuthSession => server.client(store, settings).session({ resource: RESOURCE });
  const session = another();
  const redirectUri = 'http://localhost:9876/callback';
  const oauth = server.client(store, settings);
  const begun = await oauth.session({ resource: RESOURCE }).beginAuthorization({ redirectUri });
  const callback = new URL(redirectUri);
  callback.searchParams.set('code', 'code');
  callback.searchParams.set('state', begun.authorizationUrl.searchParams.get('state') ?? '');
  await oauth.completeAuthorization(callback, { binding: begun.binding });
  return {
    server,
    store,
    clock,
    events,
    session,
    another,
    /** Turns the clock past the end of the access token. */
    expire: () => {
      clock.now += server.expiresIn * 1_000 + 1;
    },
  };
}
