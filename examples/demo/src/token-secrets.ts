import type { Stage } from './stage.js';

/** What must be in the store now, and nowhere after the logout: never printed. */
export async function tokenSecrets({
  host,
  mcpServer,
  authorizationServer,
}: Stage): Promise<readonly string[]> {
  const current = await host.oauth.session({ resource: mcpServer.url }).accessToken();
  return [current, ...authorizationServer.secrets()];
}
