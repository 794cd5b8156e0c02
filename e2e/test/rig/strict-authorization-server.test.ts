import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  faults,
  person,
  startStrictAuthorizationServer,
  type StrictAuthorizationServer,
  type StrictAuthorizationServerOptions,
} from '@mcp-oauth/e2e';
import { authorizationUrl, newVerifier, redirectUri } from './authorization-url.js';

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

async function json(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}

function post(endpoint: string, form: Record<string, string>): Promise<Response> {
  return fetch(`${as.issuer}/${endpoint}`, { method: 'POST', body: new URLSearchParams(form) });
}

async function register(metadata: object = {}): Promise<Record<string, unknown>> {
  const response = await fetch(`${as.issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      ...metadata,
    }),
  });
  return json(response);
}

function grantFor(clientId: string): { access: string; refresh: string } {
  const { tokenResponse } = as.issueGrant(clientId);
  return { access: String(tokenResponse['access_token']), refresh: String(tokenResponse['refresh_token']) };
}

const refreshWith = (clientId: string, refreshToken: string) =>
  post('token', { grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken });

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
  as.behaviour.accessTokenTtl = 0.2;
  const { clientId } = as.addClient({ redirectUris: [redirectUri] });
  const { tokenResponse } = as.issueGrant(clientId);
  expect(tokenResponse['expires_in']).toBe(1);
  const access = String(tokenResponse['access_token']);
  expect(await as.verify(access)).not.toBeNull();
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(await as.verify(access)).toBeNull();
});

test('a confidential client authenticates as it registered, and revokes its grant', async () => {
  const client = await register({ token_endpoint_auth_method: 'client_secret_post' });
  const clientId = String(client['client_id']);
  const secret = String(client['client_secret']);
  const { access, refresh } = grantFor(clientId);
  expect((await refreshWith(clientId, refresh)).status).toBe(401);
  const revoked = await post('revoke', { client_id: clientId, client_secret: secret, token: refresh });
  expect(revoked.status).toBe(200);
  expect(await as.verify(access)).toBeNull();
  expect(as.families()).toMatchObject([{ revoked: 'revocation' }]);
});

test('faults come in the order in which they were queued, and the log names tokens by id', async () => {
  const { clientId } = as.addClient({ redirectUris: [redirectUri] });
  const { refresh } = grantFor(clientId);
  as.fail(
    'token',
    faults.reset(),
    faults.reset('mid_body'),
    faults.unavailableHtml(),
    faults.tooManyRequests('7'),
    faults.errorInOk('slow_down'),
    faults.oauthError('temporarily_unavailable'),
    faults.redirect('http://evil.example/'),
  );
  await expect(refreshWith(clientId, refresh)).rejects.toThrow('fetch failed');
  const cut = await refreshWith(clientId, refresh);
  await expect(cut.text()).rejects.toThrow('terminated');
  expect((await refreshWith(clientId, refresh)).status).toBe(503);
  expect((await refreshWith(clientId, refresh)).headers.get('retry-after')).toBe('7');
  expect(await json(await refreshWith(clientId, refresh))).toEqual({ error: 'slow_down' });
  expect((await refreshWith(clientId, refresh)).status).toBe(400);
  await expect(refreshWith(clientId, refresh)).rejects.toThrow('fetch failed');
  expect((await refreshWith(clientId, refresh)).status).toBe(200);

  expect(as.counts()).toMatchObject({ token: 8, metadata: 0 });
  expect(as.log().map(({ presented }) => presented)).toEqual(Array(8).fill('family-1/refresh-1'));
  expect(JSON.stringify(as.log())).not.toContain('cnry_');
  expect(as.families()).toMatchObject([{ generation: 2, maxInFlight: 1 }]);
});

test('a lost reply has rotated the token all the same', async () => {
  const { clientId } = as.addClient({ redirectUris: [redirectUri] });
  const { refresh } = grantFor(clientId);
  as.fail('token', faults.processThenDrop());
  await expect(refreshWith(clientId, refresh)).rejects.toThrow('fetch failed');
  expect(as.families()).toMatchObject([{ generation: 2, revoked: undefined }]);
  expect((await refreshWith(clientId, refresh)).status).toBe(400);
});

test('the same seed loses the same replies', async () => {
  const lost = async () => {
    await restart({ seed: 7, lossRate: 0.5, rotation: 'reject_reuse' });
    const { clientId } = as.addClient({ redirectUris: [redirectUri] });
    for (let trial = 0; trial < 12; trial += 1) {
      await refreshWith(clientId, grantFor(clientId).refresh).catch(() => undefined);
    }
    return as.log().map(({ fault }) => fault === 'process_then_drop');
  };
  const first = await lost();
  expect(first).toContain(true);
  expect(first).toContain(false);
  expect(await lost()).toEqual(first);
});

test('requests that are open at once are counted for each family', async () => {
  as.behaviour.tokenLatencyMs = 100;
  const { clientId } = as.addClient({ redirectUris: [redirectUri] });
  const { refresh } = grantFor(clientId);
  await Promise.all([refreshWith(clientId, refresh), refreshWith(clientId, refresh)]);
  expect(as.families()).toMatchObject([{ maxInFlight: 2, revoked: 'reuse' }]);
});

test('an issuer with a path has its metadata between host and path', async () => {
  await restart({ issuerPath: '/tenant/a' });
  const document = await json(await fetch(`${as.origin}/.well-known/oauth-authorization-server/tenant/a`));
  expect(document).toMatchObject({ issuer: `${as.origin}/tenant/a`, token_endpoint: `${as.issuer}/token` });
  expect((await fetch(`${as.origin}/.well-known/oauth-authorization-server`)).status).toBe(404);
  expect(as.counts()).toMatchObject({ metadata: 1, other: 1 });
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

test('close frees the port at once, also while requests are waiting', async () => {
  const { clientId } = as.addClient({ redirectUris: [redirectUri] });
  const { refresh } = grantFor(clientId);
  as.fail('token', faults.silent(), faults.slowBody(1_000), faults.endlessBody());
  const settled = Promise.allSettled(
    [1, 2, 3].map(() => refreshWith(clientId, refresh).then((r) => r.text())),
  );
  while (as.counts().token < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  const begun = performance.now();
  await as.close();
  expect(performance.now() - begun).toBeLessThan(1_000);
  expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  await expect(fetch(as.origin)).rejects.toThrow('fetch failed');
});

test('localhost answers on both loopback families', async () => {
  await restart({ host: 'localhost' });
  const { port } = new URL(as.origin);
  const path = '/.well-known/oauth-authorization-server';
  expect((await fetch(`http://127.0.0.1:${port}${path}`)).status).toBe(200);
  expect(as.issuer).toBe(`http://localhost:${port}`);
  expect((await fetch(as.origin + path)).status).toBe(200);
});
