import { startOidcProvider, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { TokenIssuer } from '@mcp-oauth/e2e';
import type { WhoLogsIn } from '../command-line.js';

/** How long an access token lives: short enough to see it end, long enough for a slow machine. */
export const ACCESS_TOKEN_SECONDS = 4;

export interface AuthorizationServerCounts {
  readonly registrations: number;
  readonly logins: number;
  readonly tokenRequests: number;
}

/** What the story asks of an authorization server, whichever it is. */
export interface StoryAuthorizationServer {
  readonly tokens: TokenIssuer;
  readonly description: string;
  /** Counted by the server, not by the windows. */
  counts(): AuthorizationServerCounts;
  /** Tokens and codes that it gave out, as far as it tells. */
  secrets(): readonly string[];
  close(): Promise<void>;
}

/** With pages where a browser needs them; without, the one that can be asked what it did. */
export function startAuthorizationServer(whoLogsIn: WhoLogsIn): Promise<StoryAuthorizationServer> {
  return whoLogsIn === 'scripted' ? strict() : withPages();
}

async function strict(): Promise<StoryAuthorizationServer> {
  const server = await startStrictAuthorizationServer({ accessTokenTtl: ACCESS_TOKEN_SECONDS });
  return {
    tokens: server,
    description: 'rotates refresh tokens; using one twice ends the login',
    counts: () => {
      const { register, authorize, token } = server.counts();
      return { registrations: register, logins: authorize, tokenRequests: token };
    },
    secrets: () => server.secrets(),
    close: () => server.close(),
  };
}

async function withPages(): Promise<StoryAuthorizationServer> {
  const server = await startOidcProvider({ accessTokenTtl: ACCESS_TOKEN_SECONDS });
  const count = (request: string): number => server.counts()[request] ?? 0;
  return {
    tokens: server,
    description: 'oidc-provider with its pages; rotates refresh tokens',
    counts: () => ({
      registrations: count('POST /reg'),
      logins: count('GET /auth'),
      tokenRequests: count('POST /token'),
    }),
    secrets: () => [],
    close: () => server.close(),
  };
}
