import { startOidcProvider } from '../oidc-provider/index.js';
import { startStrictAuthorizationServer } from '../strict-authorization-server/index.js';
import type { TokenIssuer } from '../mcp-server/verified-token.js';
import {
  countTokenRequests,
  tokensEndAt,
  type TokenRequest,
  type TokenRequestCounts,
} from './token-requests.js';

/** How long an access token lives: short enough to see it end. Calls renew it from half of that on. */
export const STORY_TOKEN_SECONDS = 4;

/** What a program that tells a story asks of an authorization server, whichever it is. */
export interface StoryAuthorizationServer {
  readonly tokens: TokenIssuer;
  readonly description: string;
  /** Counted by the server, not by the client. */
  counts(): StoryCounts;
  /** When the newest access token ends: milliseconds since the epoch. */
  tokensEndAt(): number;
  /** Whether every login that it has given tokens for was ended by request, not by reuse. */
  hasEndedLogin(): boolean;
  /** Tokens and codes that it gave out, as far as it tells. */
  secrets(): readonly string[];
  close(): Promise<void>;
}

export interface StoryCounts extends TokenRequestCounts {
  readonly registrations: number;
  readonly logins: number;
}

/** With pages where a browser needs them; without, the one that can be asked what it did. */
export function startStoryAuthorizationServer(pages: boolean): Promise<StoryAuthorizationServer> {
  return pages ? withPages() : strict();
}

async function strict(): Promise<StoryAuthorizationServer> {
  const server = await startStrictAuthorizationServer({ accessTokenTtl: STORY_TOKEN_SECONDS });
  return {
    tokens: server,
    description: 'rotates refresh tokens; using one twice ends the login',
    counts: () => {
      const { register, authorize } = server.counts();
      const tokenRequests = server.log().filter(({ endpoint }) => endpoint === 'token');
      return { registrations: register, logins: authorize, ...counted(tokenRequests) };
    },
    tokensEndAt: () => tokensEndAt(server.log(), STORY_TOKEN_SECONDS),
    hasEndedLogin: () => {
      const families = server.families();
      return families.length > 0 && families.every(({ revoked }) => revoked === 'revocation');
    },
    secrets: () => server.secrets(),
    close: () => server.close(),
  };
}

async function withPages(): Promise<StoryAuthorizationServer> {
  const server = await startOidcProvider({ accessTokenTtl: STORY_TOKEN_SECONDS });
  const count = (request: string): number => server.counts()[request] ?? 0;
  return {
    tokens: server,
    description: 'oidc-provider with its pages; rotates refresh tokens',
    counts: () => ({
      registrations: count('POST /reg'),
      logins: count('GET /auth'),
      ...counted(server.tokenRequests()),
    }),
    tokensEndAt: () => tokensEndAt(server.tokenRequests(), STORY_TOKEN_SECONDS),
    hasEndedLogin: () => server.revokedGrants() > 0,
    secrets: () => [],
    close: () => server.close(),
  };
}

function counted(requests: readonly TokenRequest[]): TokenRequestCounts {
  return countTokenRequests(requests, STORY_TOKEN_SECONDS);
}
