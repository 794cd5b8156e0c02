import { expect, test } from '@jest/globals';
import type { SessionSettings } from '@mcp-oauth/core';
import { granted, ISSUER, MachineServer, RESOURCE } from '../machine-login/machine-server.js';

const address = { resource: RESOURCE, owner: 'ann' };
const refused = () => Response.json({ error: 'invalid_client' }, { status: 401 });

/** A person's login whose access token has ended, and what its refreshes prove the client by. */
async function loggedIn(settings: SessionSettings) {
  let offset = 0;
  const server = new MachineServer();
  server.tokens.push(() => granted({ refresh_token: 'r' }));
  const now = () => Date.now() + offset;
  const oauth = server.oauth({ now });
  const redirectUri = 'https://host.example/callback';
  const session = oauth.session(address, settings);
  const { authorizationUrl, binding } = await session.beginAuthorization({ redirectUri });
  const state = authorizationUrl.searchParams.get('state') ?? '';
  const callback = `${redirectUri}?${new URLSearchParams({ state, code: 'the-code' }).toString()}`;
  await oauth.completeAuthorization(callback, { owner: 'ann', binding });
  offset += 3_601_000;
  const proofs = () =>
    server.tokenRequests
      .filter(({ form }) => form.get('grant_type') === 'refresh_token')
      .map(({ headers }) => Buffer.from(headers.get('authorization')?.slice(6) ?? '', 'base64').toString());
  const restarted = (changed: SessionSettings) => server.oauth({ now }).session(address, changed);
  const answers = (...next: (() => Response)[]) => server.tokens.splice(0, 1, ...next);
  const pass = () => void (offset += 3_601_000);
  return { restarted, proofs, answers, pass };
}

test('a host that rotates the secret of its client logs nobody out', async () => {
  const { restarted, proofs, answers, pass } = await loggedIn({ clientId: 'c', clientSecret: 'old' });
  const session = restarted({ clientId: 'c', clientSecret: 'new' });
  answers(refused, () => granted({ refresh_token: 'r2' }));
  expect(await session.accessToken()).toBeTruthy();
  pass();
  expect(await session.accessToken()).toBeTruthy();
  expect(proofs()).toEqual(['c:old', 'c:new', 'c:new']);
});

test('a host that is given a wrong secret by mistake logs nobody out whose own is good', async () => {
  const { restarted, proofs, answers } = await loggedIn({ clientId: 'c', clientSecret: 'good' });
  answers(granted);
  expect(await restarted({ clientId: 'c', clientSecret: 'wrong' }).accessToken()).toBeTruthy();
  expect(proofs()).toEqual(['c:good']);
});

test.each<[string, SessionSettings]>([
  ['of another issuer', { clientId: 'c', clientSecret: 'new', issuer: 'https://other.example' }],
  ['of another client', { clientId: 'd', clientSecret: 'new', issuer: ISSUER }],
])('a secret %s is not tried', async (_, settings) => {
  const { restarted, proofs, answers } = await loggedIn({ clientId: 'c', clientSecret: 'old' });
  answers(refused);
  await expect(restarted(settings).accessToken()).rejects.toMatchObject({ reason: 'client_rejected' });
  expect(proofs()).toEqual(['c:old']);
});

test('where both secrets are refused, that is the last word', async () => {
  const { restarted, proofs, answers } = await loggedIn({ clientId: 'c', clientSecret: 'old' });
  answers(refused);
  const session = restarted({ clientId: 'c', clientSecret: 'new' });
  await expect(session.accessToken()).rejects.toMatchObject({ reason: 'client_rejected' });
  expect(proofs()).toEqual(['c:old', 'c:new']);
});
