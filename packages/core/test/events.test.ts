import { expect, test } from '@jest/globals';
import { createOAuthClient } from '@mcp-oauth/core';
import type { OAuthClientEvent, TokenStore } from '@mcp-oauth/core';
import { RESOURCE, scene } from './token/scripted-server.js';

const subject = { owner: undefined, resource: RESOURCE, profile: 'default' };
const issuer = 'https://as.example';

test('a login, its renewal in another process, and its end are told, in words without secrets', async () => {
  const { events, session, another, expire, server } = await scene();
  expire();
  server.onRefresh = async (count) => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return server.tokens(count + 1);
  };
  await Promise.all([session.accessToken(), another().accessToken()]);
  await session.revoke();
  expect(events).toEqual([
    { type: 'client_registered', issuer },
    { ...subject, type: 'authorization_begun', issuer },
    { ...subject, type: 'authorization_completed', issuer },
    { ...subject, type: 'refreshed', generation: 2, durationMs: expect.any(Number) },
    { ...subject, type: 'refresh_joined', generation: 2 },
    { ...subject, type: 'revoked', refresh_token: 'revoked', access_token: 'revoked' },
  ]);
  expect(JSON.stringify(events)).not.toMatch(/access-\d|refresh-\d/);
});

test('a call that lacks scopes is told as a step-up, with all that a login would have to ask for', async () => {
  const { store, server } = await scene();
  const events: OAuthClientEvent[] = [];
  const challenge = 'Bearer error="insufficient_scope", scope="write"';
  const oauth = createOAuthClient({
    store,
    client: { client_name: 'Test' },
    onEvent: (event) => void events.push(event),
    fetch: (url, init) =>
      new URL(url).pathname === '/mcp'
        ? Promise.resolve(new Response(null, { status: 403, headers: { 'www-authenticate': challenge } }))
        : server.fetch(url, init),
  });
  const call = oauth.session({ resource: RESOURCE }).fetch(RESOURCE, { method: 'POST', body: '{}' });
  await expect(call).rejects.toMatchObject({ code: 'authorization_required', reason: 'insufficient_scope' });
  expect(events).toEqual([{ ...subject, type: 'step_up', scope: 'write' }]);
});

test('every failure of the store is told, and a listener that throws harms nobody', async () => {
  const { store, session, server } = await scene();
  const kinds: string[] = [];
  const oauth = createOAuthClient({
    store: { ...portOf(store), get: () => Promise.reject(new Error('driver')) },
    client: { client_name: 'Test' },
    fetch: server.fetch,
    onEvent: (event) => {
      if (event.type === 'store_trouble') kinds.push(`${event.kind} ${String(event.unsaved)}`);
      throw new Error('of the host');
    },
  });
  const failing = oauth.session({ resource: RESOURCE });
  await expect(failing.accessToken()).rejects.toMatchObject({ code: 'store_failed' });
  expect(kinds).toEqual(['unavailable false']);
  expect(await session.accessToken()).toBe('access-1');
});

function portOf(store: TokenStore): TokenStore {
  return {
    get: store.get.bind(store),
    compareAndSet: store.compareAndSet.bind(store),
    list: store.list.bind(store),
    purge: store.purge.bind(store),
    check: store.check.bind(store),
    close: store.close.bind(store),
  };
}
