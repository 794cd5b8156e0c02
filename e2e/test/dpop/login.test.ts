import { afterEach, expect, test } from '@jest/globals';
import { faults, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import { decodeJwt } from 'jose';
import { failureOf, logIn, redirectUri, Scene, schemes, whoami } from './scene.js';

let scene: Scene;

afterEach(async () => {
  await scene.close();
});

test.each(['v1', 'v2'] as const)(
  'over SDK %s every request of a login that both servers bind carries its own proof, and no token goes as a bearer token',
  async (sdk) => {
    scene = await Scene.start({ mcp: { dpop: 'required' } });
    const session = await scene.loggedIn();
    const client = await scene.connected(session, sdk);
    await client.callTool(whoami);
    await client.callTool(whoami);
    expect(scene.mcp.counts().tools).toEqual({ whoami: 2 });
    expect(schemes(scene)).toEqual(['dpop']);
    const proofs = scene.proofsTo(scene.mcp.url).map((proof) => decodeJwt(proof));
    expect(proofs.length).toBeGreaterThanOrEqual(4);
    expect(new Set(proofs.map(({ jti }) => jti)).size).toBe(proofs.length);
    expect(scene.mcp.counts().unauthorized).toBe(1);
    expect(await session.currentToken({ dpop: true })).toMatchObject({ token_type: 'DPoP' });
  },
);

test('the authorization request names the key, also where it is pushed, and the code is bound to it', async () => {
  scene = await Scene.start({ server: { pushedRequests: 'required' } });
  await scene.loggedIn();
  const [pushed] = scene.server.log().filter(({ endpoint }) => endpoint === 'par');
  expect(pushed?.parameterNames).toContain('dpop_jkt');
  const [family] = scene.server.families();
  expect(family?.jkt).toMatch(/^[\w-]{43}$/);
});

test('each login has a key of its own', async () => {
  scene = await Scene.start();
  const oauth = scene.host();
  const session = scene.session(oauth);
  await logIn(oauth, session);
  await logIn(oauth, session);
  const keys = scene.server.families().map(({ jkt }) => jkt);
  expect(new Set(keys).size).toBe(2);
  await session.fetch(scene.mcp.url, { method: 'POST', body: '{}' });
  expect((await session.dpop())?.thumbprint).toBe(keys[1]);
});

test('where the MCP server takes bearer tokens alone, a server that could bind them gives those', async () => {
  scene = await Scene.start({ mcp: { dpop: 'none' } });
  const session = await scene.loggedIn();
  const client = await scene.connected(session);
  await client.callTool(whoami);
  expect(schemes(scene)).toEqual(['bearer']);
  expect(scene.sent.some(({ headers }) => headers.has('dpop'))).toBe(false);
  expect(await session.dpop()).toBeUndefined();
});

test.each([
  ['the authorization server binds none', { server: { dpop: 'none' as const } }, {}],
  [
    'no algorithm is known to all',
    { server: { metadata: { dpop_signing_alg_values_supported: ['ES512'] } } },
    {},
  ],
  ['the host wants none', {}, { dpop: 'never' as const }],
])('where bound tokens are offered and %s, they are bearer tokens', async (_, options, settings) => {
  scene = await Scene.start(options);
  const session = await scene.loggedIn(scene.host(settings));
  await (await scene.connected(session)).callTool(whoami);
  expect(schemes(scene)).toEqual(['bearer']);
  expect(await session.accessToken()).toMatch(/^cnry_access/);
});

test.each([
  ['the authorization server binds none', { dpop: 'none' as const }, {}, 'not_offered'],
  [
    'no algorithm is known to all',
    { metadata: { dpop_signing_alg_values_supported: ['ES512'] } },
    {},
    'no_common_algorithm',
  ],
  ['the host wants none', {}, { dpop: 'never' as const }, 'disabled'],
])(
  'A75: where nothing but bound tokens is taken and %s, that is told before any browser opens',
  async (_, server, settings, reason) => {
    scene = await Scene.start({ server, mcp: { dpop: 'required' } });
    const oauth = scene.host(settings);
    const error = await failureOf(logIn(oauth, scene.session(oauth)));
    expect(error).toMatchObject({ code: 'dpop_unsupported', reason, resource: scene.mcp.url.href });
    expect(scene.server.counts()).toMatchObject({ register: 0, authorize: 0, token: 0 });
  },
);

test('A75: the same is told where the metadata alone says that no other tokens are taken', async () => {
  const metadata = { dpop_bound_access_tokens_required: true };
  scene = await Scene.start({ server: { dpop: 'none' }, mcp: { metadata } });
  const oauth = scene.host();
  const error = await failureOf(logIn(oauth, scene.session(oauth)));
  expect(error).toMatchObject({ code: 'dpop_unsupported', reason: 'not_offered' });
});

test('of several authorization servers the first that binds tokens is taken, where nothing else will do', async () => {
  const unable = await startStrictAuthorizationServer();
  const able = await startStrictAuthorizationServer({ dpop: 'offered' });
  scene = await Scene.start({ mcp: { dpop: 'required', authorizationServers: [unable, able] } });
  scene.closeLater(async () => {
    await Promise.all([unable.close(), able.close()]);
  });
  const session = await scene.loggedIn();
  expect(await session.status()).toMatchObject({ issuer: able.issuer });
  expect(unable.counts()).toMatchObject({ register: 0, authorize: 0, token: 0 });
});

test.each(['mac', 'DPoP'])(
  'A75: a token of the type %s is no bearer login that another library made',
  async (token_type) => {
    scene = await Scene.start();
    const session = scene.session(scene.host());
    const delegated = await session.delegateAuthorization({ redirectUri });
    const error = await failureOf(delegated.commit({ access_token: 'token', token_type }));
    expect(error).toMatchObject({ code: 'token_request_failed' });
    expect(await session.status()).toMatchObject({ state: 'logged_out' });
  },
);

const unbound = (response: Readonly<Record<string, unknown>>) => ({ ...response, token_type: 'Bearer' });

test('A75: a bearer token in answer to a proof is given back where nothing but bound tokens is taken', async () => {
  scene = await Scene.start({ server: { tokenResponse: unbound }, mcp: { dpop: 'required' } });
  const oauth = scene.host();
  const session = scene.session(oauth);
  expect(await failureOf(logIn(oauth, session))).toMatchObject({
    code: 'dpop_unsupported',
    reason: 'not_bound',
  });
  expect(scene.server.families()).toMatchObject([{ revoked: 'revocation' }]);
  expect(await session.status()).toMatchObject({ state: 'logged_out' });
});

test('a bearer token in answer to a proof goes as a bearer token where those are taken too', async () => {
  scene = await Scene.start({ server: { tokenResponse: unbound } });
  const session = await scene.loggedIn();
  await session.fetch(scene.mcp.url, { method: 'POST', body: '{}' }).catch(() => undefined);
  expect(schemes(scene)).toEqual(['bearer']);
});

test.each(['mac', 'DPoP', 'N_A'])(
  'A75: a token of the type %s that nobody asked for is refused',
  async (token_type) => {
    scene = await Scene.start({
      server: { dpop: 'none', tokenResponse: (response) => ({ ...response, token_type }) },
      mcp: { dpop: 'none' },
    });
    const oauth = scene.host();
    const error = await failureOf(logIn(oauth, scene.session(oauth)));
    expect(error).toMatchObject({ code: 'token_request_failed' });
  },
);

test('a token request whose proof is refused leaves no login, and says so', async () => {
  scene = await Scene.start();
  scene.server.fail('token', faults.respond(400, '{"error":"invalid_dpop_proof"}'));
  const oauth = scene.host();
  const error = await failureOf(logIn(oauth, scene.session(oauth)));
  expect(error).toMatchObject({ code: 'token_request_failed', error: 'invalid_dpop_proof' });
});

test('a bound token is never handed out by itself: whoever would send it as a bearer token is told', async () => {
  scene = await Scene.start();
  const session = await scene.loggedIn();
  for (const call of [session.accessToken(), session.currentToken()]) {
    expect(await failureOf(call)).toMatchObject({ code: 'dpop_unsupported', reason: 'not_through_here' });
  }
});

test('a login whose token request another library sends is a bearer login, unless that one can prove', async () => {
  scene = await Scene.start();
  const session = scene.session(scene.host());
  const bearer = await session.delegateAuthorization({ redirectUri: 'https://host.example/callback' });
  expect(bearer.dpop).toBeUndefined();
  expect(bearer.authorizationUrl.searchParams.has('dpop_jkt')).toBe(false);
  const bound = await session.delegateAuthorization({
    redirectUri: 'https://host.example/callback',
    dpop: true,
  });
  expect(bound.authorizationUrl.searchParams.get('dpop_jkt')).toBe(bound.dpop?.thumbprint);
  scene.mcp.behaviour.dpop = 'required';
  const fresh = scene.session(scene.host());
  const error = await failureOf(
    fresh.delegateAuthorization({ redirectUri: 'https://host.example/callback' }),
  );
  expect(error).toMatchObject({ code: 'dpop_unsupported', reason: 'not_through_here' });
});
