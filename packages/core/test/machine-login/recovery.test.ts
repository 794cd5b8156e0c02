import { expect, test } from '@jest/globals';
import { es256Key, granted, MachineServer, RESOURCE } from './machine-server.js';

const address = { resource: RESOURCE, owner: 'ann' };
const secret = { clientId: 'c', clientSecret: 's', grant: { type: 'client_credentials' } } as const;
/** A clock that tests can set on. */
function settableClock() {
  let offset = 0;
  return { now: () => Date.now() + offset, pass: (ms: number) => void (offset += ms) };
}

test('an MCP server that named a wrong address for its metadata is asked again once it has mended that', async () => {
  const server = new MachineServer();
  server.metadataAt = 'https://mcp.example/wrong';
  const session = server.oauth().session(address, secret);
  await expect(session.accessToken()).rejects.toMatchObject({ code: 'discovery_failed' });
  server.metadataAt = 'https://mcp.example/metadata';
  expect(await session.accessToken()).toBeTruthy();
});

test('a person, too, can log in once that is mended', async () => {
  const server = new MachineServer();
  server.metadataAt = 'https://mcp.example/wrong';
  const session = server.oauth().session(address, { clientId: 'c' });
  const begun = { redirectUri: 'https://host.example/callback' };
  await expect(session.beginAuthorization(begun)).rejects.toMatchObject({ code: 'discovery_failed' });
  server.metadataAt = 'https://mcp.example/metadata';
  expect((await session.beginAuthorization(begun)).authorizationUrl.host).toBe('as.example');
});

test('a refresh that fails for a while keeps no session without a person from a new grant at another issuer', async () => {
  const server = new MachineServer(['https://as.example', 'https://new.example']);
  const clock = settableClock();
  server.tokens.push(() => granted({ refresh_token: 'r' }));
  const session = server
    .oauth({ now: clock.now })
    .session(address, { ...secret, issuer: 'https://as.example' });
  await session.accessToken();
  clock.pass(3_601_000);
  server.issuer = 'https://new.example';
  server.tokens.splice(0, 1, () => new Response('', { status: 503 }), granted);
  const moved = server
    .oauth({ now: clock.now })
    .session(address, { ...secret, issuer: 'https://new.example' });
  expect(await moved.accessToken()).toBeTruthy();
  expect(server.tokenRequests.map(({ url }) => new URL(url).host)).toEqual([
    'as.example',
    'as.example',
    'new.example',
  ]);
});

test('a grant of a client whose key is gone keeps no session without a person from a grant of its new client', async () => {
  const server = new MachineServer();
  const clock = settableClock();
  server.tokens.push(() => granted({ refresh_token: 'r' }));
  const privateKey = { key: await es256Key() };
  const before = { clientId: 'old', privateKey, grant: secret.grant };
  await server.oauth({ now: clock.now }).session(address, before).accessToken();
  clock.pass(3_601_000);
  const session = server.oauth({ now: clock.now }).session(address, secret);
  expect(await session.accessToken()).toBeTruthy();
  expect(server.tokenRequests.map(({ form }) => form.get('grant_type'))).toEqual([
    'client_credentials',
    'client_credentials',
  ]);
});

test.each(['tokens', 'all', 'client'] as const)(
  'a refusal is not remembered once a host has invalidated the %s of a session',
  async (kind) => {
    const server = new MachineServer();
    server.tokens.push(() => Response.json({ error: 'unauthorized_client' }, { status: 400 }), granted);
    const session = server.oauth().session(address, secret);
    await expect(session.accessToken()).rejects.toMatchObject({ error: 'unauthorized_client' });
    await expect(session.accessToken()).rejects.toThrow(/a moment ago/);
    await session.invalidate(kind);
    expect(await session.accessToken()).toBeTruthy();
  },
);

test('tokens that have ended by the time they arrive are not asked for with every call', async () => {
  const server = new MachineServer();
  server.tokens.push(() => granted({ expires_in: 0 }));
  const session = server.oauth().session(address, secret);
  for (let calls = 0; calls < 5; calls++) {
    await expect(session.accessToken()).rejects.toMatchObject({ code: 'transient' });
  }
  expect(server.tokenRequests).toHaveLength(3);
});

test('tokens that are of no use are not asked for with every call, and neither are answers without end', async () => {
  const server = new MachineServer();
  server.dpop = true;
  const session = server.oauth().session(address, secret);
  for (let calls = 0; calls < 5; calls++) {
    await expect(session.accessToken()).rejects.toMatchObject({
      code: 'dpop_unsupported',
      reason: 'not_bound',
    });
  }
  expect(server.tokenRequests).toHaveLength(1);
  server.tokens.push(() => new Response('x'.repeat(2_000_000)));
  await session.invalidate('tokens');
  for (let calls = 0; calls < 5; calls++) {
    await expect(session.accessToken()).rejects.toMatchObject({ code: 'limit_exceeded' });
  }
  expect(server.tokenRequests).toHaveLength(2);
});

test('a person can log in anew where the key of the client that they were logged in with is gone', async () => {
  const server = new MachineServer();
  const clock = settableClock();
  server.tokens.push(() => granted({ refresh_token: 'r' }));
  const before = { clientId: 'old', privateKey: { key: await es256Key() }, grant: secret.grant };
  await server.oauth({ now: clock.now }).session(address, before).accessToken();
  clock.pass(3_601_000);
  const session = server.oauth({ now: clock.now }).session(address, { clientId: 'new' });
  await expect(session.accessToken()).rejects.toMatchObject({ code: 'invalid_config' });
  await expect(session.authorize()).rejects.toMatchObject({ code: 'browser_failed' });
});

test('a session that waited for another one with wrong settings goes on with its own', async () => {
  const server = new MachineServer();
  server.tokens.push(() => Response.json({ error: 'invalid_client' }, { status: 401 }), granted);
  const oauth = server.oauth();
  const wrong = oauth.session(address, { ...secret, clientSecret: 'wrong' });
  const right = oauth.session(address, secret);
  const [refused, given] = await Promise.allSettled([wrong.accessToken(), right.accessToken()]);
  expect(refused).toMatchObject({ reason: { error: 'invalid_client' } });
  expect(given.status).toBe('fulfilled');
  expect(server.tokenRequests).toHaveLength(2);
});

test('many that waited for a refusal of what they would ask themselves ask no more', async () => {
  const server = new MachineServer();
  server.tokens.push(() => Response.json({ error: 'invalid_client' }, { status: 401 }));
  const session = server.oauth().session(address, secret);
  const calls = Array.from({ length: 20 }, () => session.accessToken());
  for (const { reason } of (await Promise.allSettled(calls)) as PromiseRejectedResult[]) {
    expect(reason).toMatchObject({ code: 'token_request_failed', error: 'invalid_client' });
  }
  expect(server.tokenRequests).toHaveLength(1);
});
