import { MemoryTokenStore } from '@mcp-oauth/core';
import type { OAuthClient, OAuthClientOptions } from '@mcp-oauth/core';
import { DesktopScene } from '../desktop-scene.js';

export interface LoggedIn extends Pick<DesktopScene, 'server' | 'mcp' | 'browser' | 'close'> {
  readonly oauth: OAuthClient;
  readonly resource: string;
  readonly store: OAuthClientOptions['store'];
}

/** A strict server, a guarded MCP server and a client whose person has logged in once. */
export async function loggedIn(
  accessTokenTtl: number,
  options: Partial<OAuthClientOptions> = {},
): Promise<LoggedIn> {
  const scene = await DesktopScene.start({ server: { accessTokenTtl } });
  const { server, mcp, browser } = scene;
  const store = options.store ?? new MemoryTokenStore();
  const oauth = scene.oauth({ ...options, store });
  const resource = mcp.url.href;
  await oauth.session({ resource }).authorize();
  return { server, mcp, oauth, browser, resource, store, close: () => scene.close() };
}
