import { afterEach, expect, test } from '@jest/globals';
import { startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { StrictAuthorizationServer } from '@mcp-oauth/e2e';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey, JSONWebKeySet, JWTPayload } from 'jose';

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const resource = 'https://mcp.example/mcp';
const running: StrictAuthorizationServer[] = [];

afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

async function started(): Promise<StrictAuthorizationServer> {
  const server = await startStrictAuthorizationServer();
  running.push(server);
  return server;
}

async function asked(
  server: StrictAuthorizationServer,
  form: Record<string, string>,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const response = await fetch(`${server.issuer}/token`, { method: 'POST', body: new URLSearchParams(form) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

interface Signer {
  readonly privateKey: CryptoKey;
  readonly jwks: JSONWebKeySet;
}

async function signer(): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  return { privateKey, jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'a', alg: 'ES256' }] } };
}

async function signed({ privateKey }: Signer, claims: JWTPayload, typ = 'JWT'): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  return await new SignJWT({ iat: now, exp: now + 60, jti: crypto.randomUUID(), ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'a', typ })
    .sign(privateKey);
}

test('a client assertion is good once, for this client, this server and a short time', async () => {
  const server = await started();
  const key = await signer();
  const { clientId } = server.addClient({
    redirectUris: [],
    authenticationMethod: 'private_key_jwt',
    grantTypes: ['client_credentials'],
    jwks: key.jwks,
  });
  const own = { iss: clientId, sub: clientId, aud: server.issuer };
  const now = Math.floor(Date.now() / 1_000);
  const form = {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  };
  const send = async (assertion: string) => await asked(server, { ...form, client_assertion: assertion });
  const good = await signed(key, own);
  expect(await send(good)).toMatchObject({ status: 200, body: { token_type: 'Bearer' } });
  for (const bad of [
    good,
    await signed(await signer(), own),
    await signed(key, { ...own, iss: 'another' }),
    await signed(key, { ...own, aud: 'https://another.example' }),
    await signed(key, { ...own, aud: [server.issuer, 'https://another.example'] }),
    await signed(key, { ...own, exp: now + 86_400 }),
    await signed(key, { ...own, exp: now - 60 }),
    'no.jwt.at-all',
  ]) {
    expect(await send(bad)).toEqual({ status: 401, body: { error: 'invalid_client' } });
  }
  expect(await asked(server, form)).toMatchObject({ status: 401 });
});

test('client credentials are for confidential clients that are registered for them, and for scopes that exist', async () => {
  const server = await started();
  const grantTypes = ['client_credentials'];
  const secret = (types: readonly string[]) => {
    const client = server.addClient({
      redirectUris: [],
      authenticationMethod: 'client_secret_post',
      grantTypes: types,
    });
    return { client_id: client.clientId, client_secret: client.clientSecret ?? '' };
  };
  const form = { grant_type: 'client_credentials' };
  const open = server.addClient({ redirectUris: [], grantTypes });
  const refused = { status: 400, body: { error: 'unauthorized_client' } };
  expect(await asked(server, { ...form, client_id: open.clientId })).toEqual(refused);
  expect(await asked(server, { ...form, ...secret(['authorization_code']) })).toEqual(refused);
  const allowed = secret(grantTypes);
  expect(await asked(server, { ...form, ...allowed, scope: 'mcp:nothing' })).toMatchObject({
    body: { error: 'invalid_scope' },
  });
  const given = await asked(server, { ...form, ...allowed, scope: 'mcp:admin', resource });
  expect(given).toMatchObject({ status: 200, body: { scope: 'mcp:admin' } });
  expect(given.body['refresh_token']).toBeUndefined();
  expect(await server.verify(String(given.body['access_token']))).toMatchObject({ audience: [resource] });
});

test('an assertion counts where its issuer is trusted, and once where the server says so', async () => {
  const server = await started();
  const key = await signer();
  const issuer = 'https://platform.example';
  const { clientId } = server.addClient({ redirectUris: [], grantTypes: [jwtBearer] });
  const send = async (assertion: string) =>
    await asked(server, { grant_type: jwtBearer, client_id: clientId, assertion });
  const own = { iss: issuer, sub: 'workload', aud: server.issuer };
  const refused = { status: 400, body: { error: 'invalid_grant' } };
  expect(await send(await signed(key, own))).toEqual(refused);
  server.behaviour.trustedIssuers = [{ kind: 'workload_platform', issuer, jwks: key.jwks }];
  const good = await signed(key, own);
  expect((await send(good)).status).toBe(200);
  expect((await send(good)).status).toBe(200);
  server.behaviour.singleUseAssertions = true;
  expect(await send(good)).toEqual(refused);
  expect(await send(await signed(key, { ...own, aud: 'https://another.example' }))).toEqual(refused);
  expect(await send(await signed(key, own, 'oauth-id-jag+jwt'))).toEqual(refused);
});

test('an identity provider vouches for its own client, and what it gives is good for that client and resource', async () => {
  const provider = await started();
  const server = await started();
  const atProvider = provider.addClient({ redirectUris: [], grantTypes: [tokenExchange] });
  const atServer = server.addClient({ redirectUris: [], grantTypes: [jwtBearer] });
  const other = server.addClient({ redirectUris: [], grantTypes: [jwtBearer] });
  provider.behaviour.clientsElsewhere = { [server.issuer]: atServer.clientId };
  server.behaviour.trustedIssuers = [
    { kind: 'identity_provider', issuer: provider.issuer, jwks: await provider.jwks() },
  ];
  const exchange = {
    grant_type: tokenExchange,
    client_id: atProvider.clientId,
    requested_token_type: 'urn:ietf:params:oauth:token-type:id-jag',
    subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
    audience: server.issuer,
    resource,
    subject_token: await provider.issueIdToken(atProvider.clientId, { subject: 'bob' }),
  };
  const { body } = await asked(provider, exchange);
  expect(body).toMatchObject({ token_type: 'N_A', issued_token_type: exchange.requested_token_type });
  const form = { grant_type: jwtBearer, assertion: String(body['access_token']) };
  expect((await asked(server, { ...form, client_id: atServer.clientId, resource })).status).toBe(200);
  const elsewhere = 'https://other.example/mcp';
  for (const wrong of [
    { client_id: other.clientId },
    { client_id: atServer.clientId, resource: elsewhere },
  ]) {
    expect((await asked(server, { ...form, ...wrong })).body).toEqual({ error: 'invalid_grant' });
  }
  const late = await provider.issueIdToken(atProvider.clientId, { ttlSeconds: -60 });
  expect((await asked(provider, { ...exchange, subject_token: late })).body).toEqual({
    error: 'invalid_grant',
  });
  const foreign = await provider.issueIdToken('somebody-else');
  expect((await asked(provider, { ...exchange, subject_token: foreign })).body).toEqual({
    error: 'invalid_grant',
  });
});
