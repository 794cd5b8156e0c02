import { StoreError } from '@mcp-oauth/core';
import type { SessionStatus } from '@mcp-oauth/core';
import type { McpServer } from '../configuration/mcp-server-list.js';
import type { Application } from '../application.js';

export type LoginState = 'not_connected' | 'connected' | 'login_needed';

/** A server as one user sees it. */
export interface ServerState {
  readonly server: McpServer;
  readonly login: LoginState;
  readonly isAway: boolean;
  readonly status: SessionStatus | undefined;
}

/**
 * All servers, as one user sees them.
 *
 * @throws {StoreError} nothing can be said about logins now.
 */
export async function serverStates(app: Application, owner: string): Promise<readonly ServerState[]> {
  const known = await app.host.oauth.sessions({ owner });
  return Promise.all(
    [...app.configuration.servers.values()].map(async (server) => {
      const status = known.find(({ resource }) => resource === server.resource);
      return { server, status, login: loginState(status), isAway: !(await app.reachability.isThere(server)) };
    }),
  );
}

/** One of them; `undefined` while the store can't be asked, which says nothing about the login. */
export async function serverState(
  app: Application,
  owner: string,
  server: McpServer,
): Promise<ServerState | undefined> {
  try {
    const status = await app.host.session(owner, server).status();
    return { server, status, login: loginState(status), isAway: !(await app.reachability.isThere(server)) };
  } catch (error) {
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}

function loginState(status: SessionStatus | undefined): LoginState {
  if (status?.state === 'login_required') return 'login_needed';
  if (status?.state !== 'logged_in') return 'not_connected';
  const hasEnded = status.expiresAt !== undefined && status.expiresAt.getTime() <= Date.now();
  return hasEnded && !status.renewable ? 'login_needed' : 'connected';
}
