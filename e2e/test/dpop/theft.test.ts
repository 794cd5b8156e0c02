import { afterEach, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { ping, redirectUri, Scene } from './scene.js';

let scene: Scene;

afterEach(async () => {
  await scene.close();
});

async function stolen(): Promise<{ readonly token: string; readonly proof: string }> {
  scene = await Scene.start();
  const session = await scene.loggedIn();
  await session.fetch(scene.mcp.url, { method: 'POST', body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' });
  const { access_token } = await session.currentToken({ dpop: true });
  return { token: access_token, proof: scene.proofsTo(scene.mcp.url)[0] ?? '' };
}

async function challengeTo(headers: Record<string, string>): Promise<string> {
  const response = await ping(scene.mcp.url, headers);
  expect(response.status).toBe(401);
  return response.headers.get('www-authenticate') ?? '';
}

test('a stolen token is of no use without its key', async () => {
  const { token } = await stolen();
  expect(await challengeTo({ authorization: `Bearer ${token}` })).toContain('invalid_token');
  expect(await challengeTo({ authorization: `DPoP ${token}` })).toContain('invalid_dpop_proof');
});

test('a stolen token is of no use with the key of somebody else', async () => {
  const { token } = await stolen();
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', Buffer.from(token)));
  const ath = Buffer.from(hash).toString('base64url');
  const proof = await new SignJWT({ htm: 'POST', htu: scene.mcp.url.href, jti: 'mine', ath })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(publicKey) })
    .setIssuedAt()
    .sign(privateKey);
  expect(await challengeTo({ authorization: `DPoP ${token}`, dpop: proof })).toContain('invalid_token');
});

test('A91: a stolen token with the proof of a request that was sent is of no use', async () => {
  const { token, proof } = await stolen();
  expect(await challengeTo({ authorization: `DPoP ${token}`, dpop: proof })).toContain('invalid_dpop_proof');
});

test('a refresh token is of no use without its key', async () => {
  scene = await Scene.start();
  const { clientId } = scene.server.addClient({ redirectUris: [redirectUri] });
  await scene.loggedIn(scene.host(), { clientId });
  const refreshToken = scene.server.secrets().find((secret) => secret.startsWith('cnry_refresh')) ?? '';
  const response = await fetch(`${scene.server.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: clientId,
    }),
  });
  expect(await response.json()).toEqual({ error: 'invalid_grant' });
});
