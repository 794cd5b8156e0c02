import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  person,
  startStrictAuthorizationServer,
  type StrictAuthorizationServer,
  type StrictAuthorizationServerOptions,
} from '@mcp-oauth/e2e';
import { authorizationUrl, newVerifier, redirectUri } from './authorization-url.js';
import { json, requestsTo } from './strict-requests.js';

let as: StrictAuthorizationServer;

async function restart(options: StrictAuthorizationServerOptions): Promise<void> {
  await as.close();
  as = await startStrictAuthorizationServer(options);
}

beforeEach(async () => {
  as = await startStrictAuthorizationServer();
});
afterEach(async () => {
  await as.close();
});

const post = (endpoint: string, form: Record<string, string>) => requestsTo(as).post(endpoint, form);
const register = (metadata: object = {}) => requestsTo(as).register(metadata);
const grantFor = (clientId: string) => requestsTo(as).grantFor(clientId);
const refreshWith = (clientId: string, refreshToken: string) =>
  requestsTo(as).refreshWith(clientId, refreshToken);

test('a registered client gets tokens for a code, once, and only with the verifier', async () => {
  const clientId = String((await register())['client_id']);
  const verifier = newVerifier();
  const callback = new URL(await person.consent(authorizationUrl(as, clientId, verifier), { user: 'bob' }));
  expect(callback.searchParams.get('state')).toBe('the-state');
  expect(callback.searchParams.get('iss')).toBe(as.issuer);
  const exchange = (codeVerifier: string) =>
    post('token', {
      grant_type: 'authorization_code',
      client_id: clientId,
      code: callback.searchParams.get('code') ?? '',
      redirect_uri: redirectUri,
      code_verifier: codeVerifier,
    });

  expect((await exchange(newVerifier())).status).toBe(400);
  const tokens = await json(await exchange(verifier));
  expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 60, scope: 'mcp:tools' });
  const access = String(tokens['access_token']);
  expect(access).toMatch(/^cnry_access_[0-9a-f]{32}$/);
  expect(await as.verify(access)).toMatchObject({ subject: 'bob', clientId });

  expect(await json(await exchange(verifier))).toEqual({ error: 'invalid_grant' });
  expect(await as.verify(access)).toBeNull();
  expect(as.families()).toMatchObject([{ subject: 'bob', revoked: 'reuse' }]);
});

test('a person who says no sends the client away with access_denied', async () => {
  const clientId = String((await register())['client_id']);
  const url = await person.consent(authorizationUrl(as, clientId, newVerifier()), { decision: 'deny' });
  expect(new URL(url).searchParams.get('error')).toBe('access_denied');
});

test('an unknown redirect URI is never redirected to', async () => {
  const { clientId } = as.addClient({ redirectUris: [redirectUri] });
  const url = authorizationUrl(as, clientId, newVerifier(), { redirect_uri: 'http://127.0.0.1:1/elsewhere' });
  await expect(person.consent(url)).rejects.toThrow('status 400');
});

test('a refresh consumes its token, and using that again revokes the family', async () => {
  const { clientId } = as.addClient({ redirectUris: [redirectUri] });
  const first = grantFor(clientId);
  const second = await json(await refreshWith(clientId, first.refresh));
  expect(second['refresh_token']).toMatch(/^cnry_refresh_/);
  expect(await as.verify(first.access)).not.toBeNull();

  expect(await json(await refreshWith(clientId, first.refresh))).toEqual({ error: 'invalid_grant' });
  expect(await as.verify(String(second['access_token']))).toBeNull();
  expect((await refreshWith(clientId, String(second['refresh_token']))).status).toBe(400);
  expect(as.families()).toMatchObject([{ revoked: 'reuse', generation: 2 }]);
  expect(as.refreshesPerExpiry()).toEqual([
    { family: 'family-1', generation: 1, refreshes: 2 },
    { family: 'family-1', generation: 2, refreshes: 1 },
  ]);
});

test('a lenient server takes the old refresh token until the new one is used', async () => {
  as.behaviour.rotation = 'lenient';
  const { clientId } = as.addClient({ redirectUris: [redirectUri] });
  const { refresh } = grantFor(clientId);
  await refreshWith(clientId, refresh);
  const again = await json(await refreshWith(clientId, refresh));
  expect((await refreshWith(clientId, String(again['refresh_token']))).status).toBe(200);
  expect((await refreshWith(clientId, refresh)).status).toBe(400);
  expect(as.families()).toMatchObject([{ revoked: 'reuse' }]);
});

test('a server that only rejects reuse keeps the family', async () => {
  as.behaviour.rotation = 'reject_reuse';
  const { clientId } = as.addClient({ redirectUris: [redirectUri] });
  const { refresh } = grantFor(clientId);
  const next = await json(await refreshWith(clientId, refresh));
  expect((await refreshWith(clientId, refresh)).status).toBe(400);
  expect((await refreshWith(clientId, String(next['refresh_token']))).status).toBe(200);
});

test('access tokens live for fractions of a second, and expires_in stays a whole number', async () => {
  as.behaviour.accessTokenTtl = 0.6;
  const { clientId } = as.addClient({ redirectUris: [redirectUri] });
  const { tokenResponse } = as.issueGrant(clientId);
  expect(tokenResponse['expires_in']).toBe(1);
  const access = String(tokenResponse['access_token']);
  expect(await as.verify(access)).not.toBeNull();
  await new Promise((resolve) => setTimeout(resolve, 650));
  expect(await as.verify(access)).toBeNull();
});

test('a confidential client authenticates as it registered, and in no other way', async () => {
  const answers: unknown[] = [];
  for (const method of ['client_secret_basic', 'client_secret_post']) {
    const client = await register({ token_endpoint_auth_method: method });
    const id = String(client['client_id']);
    const secret = String(client['client_secret']);
    const grant = { grant_type: 'refresh_token', refresh_token: grantFor(id).refresh };
    const byHeader = () =>
      fetch(`${as.issuer}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
        body: new URLSearchParams(grant),
      });
    const inBody = () => post('token', { ...grant, client_id: id, client_secret: secret });
    const bare = () => post('token', { ...grant, client_id: id });
    const [wrong, right] = method === 'client_secret_post' ? [byHeader, inBody] : [inBody, byHeader];
    answers.push([(await bare()).status, (await wrong()).status, (await right()).status]);
  }
  expect(answers).toEqual([
    [401, 401, 200],
    [401, 401, 200],
  ]);
});

test('revoking a refresh token ends its family, and only its own client can', async () => {
  const { clientId } = as.addClient({ redirectUris: [redirectUri] });
  const other = as.addClient({ redirectUris: [redirectUri] });
  const { access, refresh } = grantFor(clientId);
  expect((await post('revoke', { client_id: other.clientId, token: refresh })).status).toBe(200);
  expect(await as.verify(access)).not.toBeNull();
  expect((await post('revoke', { client_id: clientId, token: refresh })).status).toBe(200);
  expect(await as.verify(access)).toBeNull();
  expect(as.families()).toMatchObject([{ revoked: 'revocation' }]);
});

test('an issuer with a path has its metadata between host and path', async () => {
  await restart({ issuerPath: '/tenant/a' });
  const document = await json(await fetch(`${as.origin}/.well-known/oauth-authorization-server/tenant/a`));
  expect(document).toMatchObject({ issuer: `${as.origin}/tenant/a`, token_endpoint: `${as.issuer}/token` });
  expect((await fetch(`${as.origin}/.well-known/oauth-authorization-server`)).status).toBe(404);
  expect(as.counts()).toMatchObject({ metadata: 1, other: 1 });

  await restart({ issuerPath: '/tenant/a', metadataLocations: ['oidc_inserted', 'oidc_appended'] });
  const status = async (path: string) => (await fetch(as.origin + path)).status;
  expect(await status('/.well-known/openid-configuration/tenant/a')).toBe(200);
  expect(await status('/tenant/a/.well-known/openid-configuration')).toBe(200);
  expect(await status('/.well-known/oauth-authorization-server/tenant/a')).toBe(404);
});

test('the metadata says what it is told to say, and leaves out what it is told to leave out', async () => {
  await restart({
    registration: false,
    callbackIss: { value: 'https://evil.example' },
    metadata: { code_challenge_methods_supported: undefined, authorization_endpoint: 'javascript:alert(1)' },
  });
  const document = await json(await fetch(`${as.origin}/.well-known/oauth-authorization-server`));
  expect(document).not.toHaveProperty('code_challenge_methods_supported');
  expect(document).not.toHaveProperty('registration_endpoint');
  expect(document['authorization_endpoint']).toBe('javascript:alert(1)');
  const { clientId } = as.addClient({ redirectUris: [redirectUri] });
  const callback = new URL(await person.consent(authorizationUrl(as, clientId, newVerifier())));
  expect(callback.searchParams.get('iss')).toBe('https://evil.example');
});

test('localhost answers on both loopback families', async () => {
  await restart({ host: 'localhost' });
  const { port } = new URL(as.origin);
  const path = '/.well-known/oauth-authorization-server';
  expect((await fetch(`http://127.0.0.1:${port}${path}`)).status).toBe(200);
  expect(as.issuer).toBe(`http://localhost:${port}`);
  expect((await fetch(as.origin + path)).status).toBe(200);
  const intruder = createServer();
  const [problem] = (await Promise.race([
    once(intruder.listen({ host: '::1', port: Number(port) }), 'listening').then(() => ['nobody was there']),
    once(intruder, 'error'),
  ])) as [unknown];
  intruder.close();
  // The second is a machine without IPv6.
  expect(['EADDRINUSE', 'EADDRNOTAVAIL']).toContain((problem as { code?: string }).code);
});
