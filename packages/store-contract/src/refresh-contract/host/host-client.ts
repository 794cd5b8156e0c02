import { createHash } from 'node:crypto';
import { createOAuthClient } from '@mcp-oauth/core';
import type { OAuthClient, OAuthSession, RefreshOptions, TokenStore } from '@mcp-oauth/core';
import { personHeader } from '../authorization-server/authorization-codes.js';
import { clientId } from '../authorization-server/metadata.js';

/** What every process of one host has in common. Plain JSON. */
export interface HostSettings {
  readonly resource: string;
  /** base64url. It decides, with the owner, in which partition a record lies. */
  readonly secret: string;
  readonly refresh: Required<RefreshOptions>;
}

export type HostClient = OAuthClient<'many'>;

const redirectUri = 'http://127.0.0.1:9/callback';

/** The client of one process, with nothing but what every runtime has: what is known of others comes from the store. */
export function hostClient(store: TokenStore, { secret, refresh }: HostSettings): HostClient {
  return createOAuthClient({
    store,
    owners: 'many',
    client: { client_name: 'Refresh contract' },
    fetch,
    secret: Buffer.from(secret, 'base64url'),
    refresh,
  });
}

export function hostSession(oauth: HostClient, { resource }: HostSettings, owner: string): OAuthSession {
  // The server of these cases is both: where its issuer is known, nothing has to be remembered beside the grant.
  return oauth.session({ resource, owner }, { clientId, issuer: new URL(resource).origin });
}

/** Logs somebody in who consents at once. */
export async function logIn(oauth: HostClient, settings: HostSettings, owner: string): Promise<OAuthSession> {
  const session = hostSession(oauth, settings, owner);
  const { authorizationUrl, binding } = await session.beginAuthorization({ redirectUri });
  const response = await fetch(authorizationUrl, { headers: { [personHeader]: owner }, redirect: 'manual' });
  await oauth.completeAuthorization(response.headers.get('location') ?? '', { owner, binding });
  return session;
}

/** Tells tokens apart without telling one. */
export function fingerprint(accessToken: string): string {
  return createHash('sha256').update(accessToken).digest('base64url').slice(0, 12);
}
