import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { person, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { RunningMcpServer, StrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { OAuthSession } from '@mcp-oauth/core';
import { refusal, Scene } from './scene.js';

const redirectUri = 'https://host.example/callback';
const HOUR_MS = 60 * 60_000;

let scene: Scene;
let server: StrictAuthorizationServer;
let mcp: RunningMcpServer;
let ahead: number;

beforeEach(async () => {
  scene = new Scene();
  ahead = 0;
  server = scene.keep(
    await startStrictAuthorizationServer({
      accessTokenTtl: 24 * 60 * 60,
      registrationResponse: (response) => ({
        ...response,
        client_secret_expires_at: Math.floor(Date.now() / 1_000) + 60 + ahead / 1_000,
      }),
    }),
  );
  mcp = await scene.mcpServer(server);
});
afterEach(() => scene.close());

async function loggedIn(profile: string): Promise<OAuthSession> {
  const oauth = scene.desktop({ now: () => Date.now() + ahead });
  const session = oauth.session({ resource: mcp.url, profile });
  const { authorizationUrl, binding } = await session.beginAuthorization({ redirectUri });
  await oauth.completeAuthorization(await person.consent(authorizationUrl), { binding });
  return session;
}

const clientOf = async (session: OAuthSession) => (await session.status()).clientId;

test('A87: a secret that has expired is used for no login any more, and the server decides about the grants that have it', async () => {
  const first = await loggedIn('first');
  expect(await clientOf(await loggedIn('second'))).toBe(await clientOf(first));
  ahead = HOUR_MS;
  const third = await loggedIn('third');
  expect(await clientOf(third)).not.toBe(await clientOf(first));
  expect(server.counts()).toMatchObject({ register: 2 });
  // Our clock may be wrong, and a grant must not be lost for that.
  const rejected = await first.currentToken();
  expect(await first.currentToken({ rejected })).toMatchObject({ generation: 2 });
  expect(await clientOf(first)).not.toBe(await clientOf(third));
});

test('A87: where the server takes an expired secret no longer, a login with a new registration follows', async () => {
  const first = await loggedIn('first');
  const clientId = (await clientOf(first)) ?? '';
  ahead = HOUR_MS;
  server.forgetClient(clientId);
  const rejected = await first.currentToken();
  expect(await refusal(first.currentToken({ rejected }))).toMatchObject({
    code: 'authorization_required',
    reason: 'client_rejected',
  });
  const again = await loggedIn('first');
  expect(await clientOf(again)).not.toBe(clientId);
  expect(await again.currentToken()).toMatchObject({ generation: 1 });
});
