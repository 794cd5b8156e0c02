import { createOAuthClient } from '@mcp-oauth/core';
import type { OAuthClient, OAuthSession } from '@mcp-oauth/core';
import { person, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { StrictAuthorizationServer, StrictAuthorizationServerOptions } from '@mcp-oauth/e2e';
import { openTokenStore } from '@mcp-oauth/open-store';
import { startGuardedResource } from './guarded-resource.js';

/** The same in every process of a fleet, as an aggregator configures it. */
export const secret = 'a fleet test names its own secret';

export interface FleetScene {
  readonly server: StrictAuthorizationServer;
  /** The MCP server's address. */
  readonly resource: string;
  /** A client of this process over the fleet's store. */
  readonly oauth: OAuthClient<'many'>;
  /** Logs an owner in. The family of tokens has the owner as its subject. */
  login(owner: string): Promise<OAuthSession>;
  close(): Promise<void>;
}

/** A strict authorization server, a resource that it guards, and a client over the store at `address`. */
export async function fleetScene(
  address: string,
  behaviour: StrictAuthorizationServerOptions,
): Promise<FleetScene> {
  const server = await startStrictAuthorizationServer(behaviour);
  const resource = await startGuardedResource(server);
  const store = await openTokenStore(address);
  const oauth = createOAuthClient({
    store,
    owners: 'many',
    fetch,
    client: { client_name: 'Fleet' },
    secret: new TextEncoder().encode(secret),
  });
  const redirectUri = 'http://127.0.0.1:9/callback';
  return {
    server,
    resource: resource.url,
    oauth,
    login: async (owner) => {
      const session = oauth.session({ resource: resource.url, owner });
      const begun = await session.beginAuthorization({ redirectUri });
      const callback = await person.consent(begun.authorizationUrl, { user: owner });
      await oauth.completeAuthorization(callback, { owner, binding: begun.binding });
      return session;
    },
    close: async () => {
      await oauth.close();
      await store.close();
      await resource.close();
      await server.close();
    },
  };
}
