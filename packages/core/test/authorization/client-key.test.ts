import { expect, test } from '@jest/globals';
import { decodeProtectedHeader } from 'jose';
import { ISSUER, es256Key, MachineServer, RESOURCE } from '../machine-login/machine-server.js';

const address = { resource: RESOURCE, owner: 'ann' };
const redirectUri = 'https://host.example/callback';

test('a login is not begun with a key of a kind that the server does not take', async () => {
  const server = new MachineServer();
  server.algorithms = ['RS256'];
  const settings = { clientId: 'c', privateKey: { key: await es256Key() } };
  const session = server.oauth().session(address, settings);
  await expect(session.beginAuthorization({ redirectUri })).rejects.toThrow(/a key for ES256/);
});

test('a process that was not given the key of a client leaves its login to one that was', async () => {
  const server = new MachineServer();
  const settings = { clientId: 'c', privateKey: { key: await es256Key() } };
  const { authorizationUrl, binding } = await server
    .oauth()
    .session(address, settings)
    .beginAuthorization({ redirectUri });
  const state = authorizationUrl.searchParams.get('state') ?? '';
  const callback = `${redirectUri}?${new URLSearchParams({ state, code: 'the-code' }).toString()}`;
  const other = server.oauth();
  const request = { owner: 'ann', binding };
  await expect(other.completeAuthorization(callback, request)).rejects.toMatchObject({
    code: 'invalid_config',
    message: expect.stringContaining(ISSUER),
  });
  expect(server.tokenRequests).toEqual([]);
  other.session(address, settings);
  expect(await other.completeAuthorization(callback, request)).toMatchObject({ resource: RESOURCE });
});

test('a key that somebody else brings for the same client meanwhile signs nothing of this login', async () => {
  const server = new MachineServer();
  const oauth = server.oauth();
  const named = async (kid: string) => ({ clientId: 'c', privateKey: { key: await es256Key(), kid } });
  const session = oauth.session(address, await named('of-ann'));
  const { authorizationUrl, binding } = await session.beginAuthorization({ redirectUri });
  oauth.session({ ...address, owner: 'mallory' }, await named('of-mallory'));
  const state = authorizationUrl.searchParams.get('state') ?? '';
  const callback = `${redirectUri}?${new URLSearchParams({ state, code: 'the-code' }).toString()}`;
  await oauth.completeAuthorization(callback, { owner: 'ann', binding });
  const assertion = server.tokenRequests[0]?.form.get('client_assertion') ?? '';
  expect(decodeProtectedHeader(assertion).kid).toBe('of-ann');
});
