import { expect, test } from '@jest/globals';
import { granted, ISSUER, MachineServer, RESOURCE } from '../machine-login/machine-server.js';

const MOVED = 'https://moved.example';
const REASON = { reason: 'issuer_changed' };

/** A login at an MCP server that then refuses its tokens and names another authorization server. */
async function moved() {
  const server = new MachineServer([ISSUER, MOVED]);
  server.tokens.push(() => granted({ refresh_token: 'r' }));
  const oauth = server.oauth();
  const session = oauth.session({ resource: RESOURCE, owner: 'ann' }, { clientId: 'c', issuer: ISSUER });
  const redirectUri = 'https://host.example/callback';
  const { authorizationUrl, binding } = await session.beginAuthorization({ redirectUri });
  const state = authorizationUrl.searchParams.get('state') ?? '';
  const callback = `${redirectUri}?${new URLSearchParams({ state, code: 'the-code' }).toString()}`;
  await oauth.completeAuthorization(callback, { owner: 'ann', binding });
  server.issuer = MOVED;
  await expect(session.fetch(RESOURCE, { method: 'POST' })).rejects.toMatchObject(REASON);
  expect(await session.status()).toMatchObject({ state: 'login_required', ...REASON });
  /** As another process, that has not looked yet. */
  const elsewhere = () =>
    server.oauth().session({ resource: RESOURCE, owner: 'ann' }, { clientId: 'c', issuer: ISSUER });
  return { server, elsewhere };
}

test('a login goes on where an MCP server names its authorization server again, after a mistake', async () => {
  const { server, elsewhere } = await moved();
  server.issuer = ISSUER;
  server.isOpen = true;
  const session = elsewhere();
  expect((await session.fetch(RESOURCE, { method: 'POST' })).status).toBe(200);
  expect(server.scripted.sent.at(-1)?.headers.has('authorization')).toBe(true);
  expect(await session.status()).toMatchObject({ state: 'logged_in', issuer: ISSUER });
});

test('it does not while the MCP server names another one, and that is looked at once in a while', async () => {
  const { server, elsewhere } = await moved();
  const session = elsewhere();
  const before = server.scripted.urls.length;
  for (let calls = 0; calls < 5; calls++) await expect(session.accessToken()).rejects.toMatchObject(REASON);
  expect(server.scripted.urls.length - before).toBeLessThanOrEqual(2);
  expect(await session.status()).toMatchObject({ state: 'login_required' });
});
