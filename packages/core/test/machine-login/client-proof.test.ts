import { describe, expect, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { es256Key, ISSUER, MachineServer, RESOURCE } from './machine-server.js';

const grant = { type: 'client_credentials' } as const;

function kidOf({ form }: (typeof MachineServer.prototype.tokenRequests)[number]): unknown {
  const assertion = form.get('client_assertion');
  return assertion === null ? undefined : decodeProtectedHeader(assertion).kid;
}

test('the private key of one session never signs for another that names the same client', async () => {
  const server = new MachineServer();
  const oauth = server.oauth();
  const privateKey = { key: await es256Key() };
  oauth.session({ resource: RESOURCE, owner: 'ann' }, { clientId: 'ann-client', privateKey, grant });
  const settings = { clientId: 'ann-client', clientSecret: 'made-up', grant };
  await oauth.session({ resource: RESOURCE, owner: 'mallory' }, settings).accessToken();
  const [request] = server.tokenRequests;
  expect(request?.headers.get('authorization')).toMatch(/^Basic /);
  expect(request?.form.has('client_assertion')).toBe(false);
});

describe('a key for a client that somebody else has named as theirs', () => {
  const victim = { resource: RESOURCE, owner: 'ann' };
  const mallory = { resource: RESOURCE, owner: 'mallory' };
  const named = async (kid: string, issuer?: string) => ({
    clientId: 'ann-client',
    privateKey: { key: await es256Key(), kid },
    grant,
    ...(issuer === undefined ? {} : { issuer }),
  });

  test('never signs for them, though they name no issuer and it is for this one', async () => {
    const server = new MachineServer();
    const oauth = server.oauth();
    oauth.session(victim, await named('of-ann', ISSUER));
    await oauth.session(mallory, await named('of-mallory')).accessToken();
    expect(server.tokenRequests.map(kidOf)).toEqual(['of-mallory']);
  });

  test('is not pushed out for good by any number of others', async () => {
    const server = new MachineServer();
    const oauth = server.oauth();
    const session = oauth.session(victim, await named('of-ann'));
    const settings = await named('of-others');
    for (let i = 0; i < 50_001; i++) oauth.session({ ...mallory, owner: `other-${String(i)}` }, settings);
    await session.accessToken();
    expect(server.tokenRequests.map(kidOf)).toEqual(['of-ann']);
  });

  test('of the host itself is not replaced by it', async () => {
    const server = new MachineServer();
    server.takesDocuments = true;
    const clientMetadataUrl = 'https://host.example/client.json';
    const oauth = server.oauth({ clientMetadataUrl, clientKey: { key: await es256Key(), kid: 'of-host' } });
    const settings = { ...(await named('of-mallory')), clientId: clientMetadataUrl };
    await oauth.session(mallory, settings).accessToken();
    await oauth.session(victim, { grant }).accessToken();
    expect(server.tokenRequests.map(kidOf)).toEqual(['of-mallory', 'of-host']);
  });
});

test('a key that was given later is not replaced by that of an older session which is still in use', async () => {
  const server = new MachineServer();
  const clock = { ahead: 0 };
  const oauth = server.oauth({ now: () => Date.now() + clock.ahead });
  const address = { resource: RESOURCE, owner: 'ann' };
  const keyed = async (kid: string) => ({ clientId: 'c', privateKey: { key: await es256Key(), kid }, grant });
  const old = oauth.session(address, await keyed('old'));
  await old.accessToken();
  const rotated = oauth.session(address, await keyed('new'));
  for (const session of [old, rotated, old]) {
    clock.ahead += 3_601_000;
    await session.accessToken();
  }
  expect(server.tokenRequests.map(kidOf)).toEqual(['old', 'new', 'new', 'new']);
});

test.each([
  ['https://as.example', 'https://as.example/'],
  ['https://as.example/', 'https://as.example'],
])('a key for the issuer %s is found where its server calls itself %s', async (issuer, named) => {
  const server = new MachineServer([named]);
  server.issuer = named;
  const privateKey = { key: await es256Key() };
  const session = server
    .oauth()
    .session({ resource: RESOURCE, owner: 'ann' }, { clientId: 'c', issuer, privateKey, grant });
  await session.accessToken();
  expect(decodeJwt(server.tokenRequests[0]?.form.get('client_assertion') ?? '')).toMatchObject({
    iss: 'c',
    aud: named,
  });
});

test('an assertion for an identity provider is for the issuer that it calls itself', async () => {
  const server = new MachineServer([ISSUER, 'https://idp.example/']);
  server.tokens.push(
    () =>
      Response.json({
        access_token: 'a.b.c',
        issued_token_type: 'urn:ietf:params:oauth:token-type:id-jag',
        token_type: 'N_A',
        expires_in: 300,
      }),
    () => Response.json({ access_token: 'token', token_type: 'Bearer', expires_in: 300 }),
  );
  const identityProvider = {
    issuer: 'https://idp.example',
    clientId: 'c',
    privateKey: { key: await es256Key() },
  };
  const session = server.oauth().session(
    { resource: RESOURCE, owner: 'ann' },
    {
      clientId: 'c',
      clientSecret: 's',
      grant: { type: 'enterprise_managed', identityProvider, idToken: () => 'x.y.z' },
    },
  );
  await session.accessToken();
  expect(decodeJwt(server.tokenRequests[0]?.form.get('client_assertion') ?? '')).toMatchObject({
    aud: 'https://idp.example/',
  });
});
