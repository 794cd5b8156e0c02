import { afterEach, expect, test } from '@jest/globals';
import type { IdentityProvider, SessionSettings } from '@mcp-oauth/core';
import { expectNoLeaks, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { StrictAuthorizationServer } from '@mcp-oauth/e2e';
import { initialized, JWT_BEARER, newKey, Scene, TOKEN_EXCHANGE } from './scene.js';

let scene: Scene;
let provider: StrictAuthorizationServer;

afterEach(async () => {
  await scene.close();
});

interface Company {
  readonly settings: SessionSettings;
  readonly identityProvider: IdentityProvider;
  readonly idTokens: string[];
  readonly assertions: string[];
}

/** A company's identity provider, the MCP server's own authorization server that trusts it, and a person's host. */
async function company(options: { readonly key?: boolean } = {}): Promise<Company> {
  scene = await Scene.start({ accessTokenTtl: 60 });
  const assertions: string[] = [];
  provider = await startStrictAuthorizationServer({
    registration: false,
    metadataLocations: ['oidc_appended'],
    // An identity provider need not know of PKCE: nobody logs in there for this client.
    metadata: { code_challenge_methods_supported: undefined, authorization_endpoint: undefined },
  });
  scene.closeLater(() => provider.close());
  const key = options.key ? await newKey() : undefined;
  const atProvider = provider.addClient({
    redirectUris: [],
    authenticationMethod: key ? 'private_key_jwt' : 'client_secret_basic',
    grantTypes: [TOKEN_EXCHANGE],
    ...(key ? { jwks: key.jwks } : {}),
  });
  const atServer = scene.server.addClient({
    redirectUris: [],
    authenticationMethod: 'client_secret_basic',
    grantTypes: [JWT_BEARER],
  });
  provider.behaviour.clientsElsewhere = { [scene.server.issuer]: atServer.clientId };
  scene.server.behaviour.trustedIssuers = [
    { kind: 'identity_provider', issuer: provider.issuer, jwks: await provider.jwks() },
  ];
  const identityProvider: IdentityProvider = {
    issuer: provider.issuer,
    clientId: atProvider.clientId,
    clientSecret: atProvider.clientSecret,
    privateKey: key?.privateKey,
  };
  const idTokens: string[] = [];
  const idToken = async (): Promise<string> => {
    const token = await provider.issueIdToken(atProvider.clientId, { subject: 'bob' });
    idTokens.push(token);
    return token;
  };
  const settings: SessionSettings = {
    clientId: atServer.clientId,
    clientSecret: atServer.clientSecret,
    grant: { type: 'enterprise_managed', identityProvider, idToken },
  };
  return { settings, identityProvider, idTokens, assertions };
}

function exchanges(): number {
  return provider.log().filter(({ endpoint }) => endpoint === 'token').length;
}

test.each([false, true])(
  'E6, E7, E8: the identity provider vouches, and the server of the MCP server gives a token (a key there: %s)',
  async (key) => {
    const { settings } = await company({ key });
    const session = scene.session(settings);
    expect((await initialized(session, scene.mcp.url)).status).toBe(200);
    const [exchange] = provider.log().filter(({ endpoint }) => endpoint === 'token');
    expect(exchange).toMatchObject({
      grantType: TOKEN_EXCHANGE,
      resource: scene.mcp.url.href,
      clientAuthentication: key ? 'private_key_jwt' : 'client_secret_basic',
      outcome: 'ok',
    });
    expect(exchange?.parameterNames).toEqual(
      expect.arrayContaining(['subject_token', 'subject_token_type', 'requested_token_type', 'audience']),
    );
    const requests = scene.server.log().filter(({ endpoint }) => endpoint === 'token');
    expect(requests).toMatchObject([
      { grantType: JWT_BEARER, clientAuthentication: 'client_secret_basic', outcome: 'ok' },
    ]);
    expect(scene.server.families()).toMatchObject([{ subject: 'bob', resource: scene.mcp.url.href }]);
  },
);

test('what the identity provider gave is used again until it is about to end', async () => {
  const { settings, idTokens } = await company();
  let aheadMs = 0;
  const session = scene.session(settings, scene.oauth({ aheadMs: () => aheadMs }));
  for (aheadMs of [0, 61_000, 122_000]) {
    expect((await initialized(session, scene.mcp.url)).status).toBe(200);
  }
  expect(scene.tokenRequests(JWT_BEARER)).toBe(3);
  expect(exchanges()).toBe(1);
  expect(idTokens).toHaveLength(1);
});

test('after a logout nobody is vouched for by what the one before got', async () => {
  const { settings, idTokens } = await company();
  const session = scene.session(settings);
  await session.accessToken();
  await session.revoke();
  await session.accessToken();
  expect(idTokens).toHaveLength(2);
  expect(exchanges()).toBe(2);
});

test('one that ends soon is asked for anew', async () => {
  const { settings } = await company();
  provider.behaviour.identityAssertionTtl = 70;
  let aheadMs = 0;
  const session = scene.session(settings, scene.oauth({ aheadMs: () => aheadMs }));
  await session.accessToken();
  aheadMs = 61_000;
  await session.accessToken();
  expect(exchanges()).toBe(2);
});

test('a server that takes an assertion only once gets a new one, and refusals end there', async () => {
  const { settings } = await company();
  scene.server.behaviour.singleUseAssertions = true;
  let aheadMs = 0;
  const session = scene.session(settings, scene.oauth({ aheadMs: () => aheadMs }));
  await session.accessToken();
  aheadMs = 61_000;
  expect((await initialized(session, scene.mcp.url)).status).toBe(200);
  expect(exchanges()).toBe(2);
  expect(scene.tokenRequests(JWT_BEARER)).toBe(3);
  scene.server.behaviour.trustedIssuers = [];
  aheadMs = 122_000;
  await expect(session.accessToken()).rejects.toMatchObject({ error: 'invalid_grant' });
  await expect(session.accessToken()).rejects.toMatchObject({ error: 'invalid_grant' });
  expect(exchanges()).toBe(3);
  expect(scene.tokenRequests(JWT_BEARER)).toBe(5);
});

test('E22: an assertion that was just given and is refused is not replaced by another', async () => {
  const { settings } = await company();
  scene.server.behaviour.trustedIssuers = [];
  const session = scene.session(settings);
  const refusal = { code: 'token_request_failed', issuer: scene.server.issuer, error: 'invalid_grant' };
  await expect(initialized(session, scene.mcp.url)).rejects.toMatchObject(refusal);
  await expect(initialized(session, scene.mcp.url)).rejects.toMatchObject(refusal);
  expect(exchanges()).toBe(1);
  expect(scene.tokenRequests(JWT_BEARER)).toBe(1);
});

test('an identity provider that no longer vouches is named, and the server of the MCP server hears nothing', async () => {
  const { settings, identityProvider } = await company();
  const idToken = (): Promise<string> =>
    provider.issueIdToken(identityProvider.clientId, { subject: 'bob', ttlSeconds: -60 });
  const session = scene.session({
    ...settings,
    grant: { type: 'enterprise_managed', identityProvider, idToken },
  });
  const refusal = { code: 'token_request_failed', issuer: provider.issuer, error: 'invalid_grant' };
  await expect(initialized(session, scene.mcp.url)).rejects.toMatchObject(refusal);
  await expect(initialized(session, scene.mcp.url)).rejects.toMatchObject(refusal);
  expect(exchanges()).toBe(1);
  expect(scene.tokenRequests()).toBe(0);
});

test('E10: neither ID token nor assertion nor token shows in errors, events, addresses or the status', async () => {
  const { settings, idTokens } = await company();
  const seen: string[] = [];
  const session = scene.session(
    settings,
    scene.oauth({
      fetch: async (url, init) => {
        seen.push(String(url));
        return await fetch(url, init);
      },
    }),
  );
  await session.accessToken();
  const secrets = [...idTokens, ...scene.server.secrets(), ...provider.secrets()];
  scene.server.behaviour.trustedIssuers = [];
  scene.mcp.revokeAllTokens();
  const failure = (call: Promise<unknown>): Promise<unknown> =>
    call.then(
      () => 'none',
      (error: unknown) => error,
    );
  const refused = await failure(initialized(session, scene.mcp.url));
  await session.invalidate('tokens');
  const errors = [refused, await failure(session.accessToken())];
  expect(errors).toMatchObject([{ error: 'invalid_grant' }, { error: 'invalid_grant' }]);
  expectNoLeaks({ errors, events: scene.events, seen, status: await session.status() }, secrets);
});

test('an address of the identity provider that is not safe is refused before anything is asked', async () => {
  const { settings, identityProvider } = await company();
  const grant = settings.grant as Extract<SessionSettings['grant'], { type: 'enterprise_managed' }>;
  for (const wrong of [{ issuer: 'http://idp.example' }, { tokenEndpoint: 'http://idp.example/token' }]) {
    const open = () =>
      scene.session({
        ...settings,
        grant: { ...grant, identityProvider: { ...identityProvider, ...wrong } },
      });
    expect(open).toThrow(expect.objectContaining({ code: 'invalid_config' }));
  }
  expect(exchanges()).toBe(0);
});
