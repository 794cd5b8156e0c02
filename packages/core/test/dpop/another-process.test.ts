import { expect, test } from '@jest/globals';
import { MemoryTokenStore } from '@mcp-oauth/core';
import { RESOURCE, ScriptedServer } from '../token/scripted-server.js';

const redirectUri = 'https://host.example/callback';

test('a code is left to the processes that have the key its tokens are to be bound to', async () => {
  const server = new ScriptedServer();
  let exchanges = 0;
  server.onExchange = () => {
    exchanges++;
    return Response.json({ access_token: 'bound', token_type: 'DPoP', expires_in: 3_600 });
  };
  const fetch: typeof server.fetch = async (url, init) => {
    const response = await server.fetch(url, init);
    const { pathname } = new URL(url);
    if (pathname === '/mcp') {
      return new Response(null, { status: 401, headers: { 'www-authenticate': 'DPoP algs="ES256"' } });
    }
    if (!pathname.endsWith('oauth-authorization-server')) return response;
    const metadata = (await response.json()) as object;
    return Response.json({ ...metadata, dpop_signing_alg_values_supported: ['ES256'] });
  };
  const ES256 = { name: 'ECDSA', namedCurve: 'P-256' };
  const dpop = await crypto.subtle.generateKey(ES256, false, ['sign', 'verify']);
  const store = new MemoryTokenStore();
  const [having, lacking] = [server.client(store, { fetch, dpop }), server.client(store, { fetch })];
  const session = having.session({ resource: RESOURCE });
  const { authorizationUrl, binding } = await session.beginAuthorization({ redirectUri });
  const callback = new URL(redirectUri);
  callback.searchParams.set('code', 'code');
  callback.searchParams.set('state', authorizationUrl.searchParams.get('state') ?? '');

  const elsewhere = lacking.completeAuthorization(callback, { binding });
  await expect(elsewhere).rejects.toMatchObject({ code: 'authorization_required', reason: 'key_missing' });
  expect(exchanges).toBe(0);
  await having.completeAuthorization(callback, { binding });
  expect(await session.currentToken({ dpop: true })).toMatchObject({ access_token: 'bound' });
});
