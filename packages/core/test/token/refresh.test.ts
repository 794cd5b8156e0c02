import { expect, test } from '@jest/globals';
import { scene } from './scripted-server.js';
import { soon } from '../waiting.js';

const refusal = (error: string) => Response.json({ error }, { status: 400 });

test('B22: 1000 callers in one process cause one refresh', async () => {
  const { server, session, expire } = await scene();
  expire();
  const tokens = await Promise.all(Array.from({ length: 1_000 }, () => session.accessToken()));
  expect(new Set(tokens)).toEqual(new Set(['access-2']));
  expect(server.refreshes).toEqual(['refresh-1']);
});

test('20 clients over one store cause one refresh', async () => {
  const { server, another, expire } = await scene();
  expire();
  server.onRefresh = async () => {
    await soon(50);
    return server.tokens(2);
  };
  const tokens = await Promise.all(Array.from({ length: 20 }, () => another().accessToken()));
  expect(new Set(tokens)).toEqual(new Set(['access-2']));
  expect(server.refreshes).toEqual(['refresh-1']);
});

test('a token that ends soon is used at once and renewed in the background', async () => {
  const { server, session, clock } = await scene();
  clock.now += 3_595_000 - 5_000 - 10_000;
  expect(await session.accessToken()).toBe('access-1');
  await soon(20);
  expect(server.refreshes).toEqual(['refresh-1']);
  expect(await session.accessToken()).toBe('access-2');
});

test('B35: a caller who gives up does not end the refresh for the others', async () => {
  const { server, session, expire } = await scene();
  expire();
  server.onRefresh = async () => {
    await soon(50);
    return server.tokens(2);
  };
  const controller = new AbortController();
  const impatient = session.accessToken({ signal: controller.signal });
  const patient = session.accessToken();
  controller.abort(new Error('no time'));
  await expect(impatient).rejects.toThrow('no time');
  expect(await patient).toBe('access-2');
});

test.each([
  ['500', () => new Response('oops', { status: 500 })],
  ['503 with HTML', () => new Response('<html>', { status: 503 })],
  ['429', () => new Response(null, { status: 429, headers: { 'retry-after': '7' } })],
  ['200 with HTML', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
  ['a redirect', () => new Response(null, { status: 307, headers: { location: 'https://evil.example/' } })],
  ['an unknown error code', () => refusal('vendor_trouble')],
  ['a network failure', () => new TypeError('fetch failed')],
])('B60, B62, B63: %s keeps the grant and is told as transient', async (_name, answer) => {
  const { server, session, expire } = await scene();
  expire();
  server.onRefresh = answer;
  await expect(session.accessToken()).rejects.toMatchObject({ code: 'transient', grantKept: true });
  expect(await session.status()).toMatchObject({ state: 'logged_in', generation: 1 });
});

test('B61: Retry-After holds for every process', async () => {
  const { server, session, another, expire, clock } = await scene();
  expire();
  server.onRefresh = () => new Response(null, { status: 429, headers: { 'retry-after': '30' } });
  await expect(session.accessToken()).rejects.toMatchObject({ code: 'transient', retryAfterMs: 30_000 });
  await expect(another().accessToken()).rejects.toMatchObject({ code: 'transient' });
  expect(server.refreshes).toHaveLength(1);
  clock.now += 30_001;
  server.onRefresh = () => server.tokens(2);
  expect(await another().accessToken()).toBe('access-2');
});

test('a refused refresh token marks the grant, and deletes nothing', async () => {
  const { server, session, expire } = await scene();
  expire();
  server.onRefresh = () => refusal('invalid_grant');
  await expect(session.accessToken()).rejects.toMatchObject({
    code: 'authorization_required',
    reason: 'grant_rejected',
  });
  await expect(session.accessToken()).rejects.toMatchObject({ code: 'authorization_required' });
  expect(server.refreshes).toHaveLength(1);
  expect(await session.status()).toMatchObject({ state: 'login_required', reason: 'grant_rejected' });
});

test('a refusal that comes while the token is still good changes nothing', async () => {
  const { server, session, clock } = await scene();
  clock.now += 3_595_000;
  server.onRefresh = () => refusal('invalid_grant');
  expect(await session.accessToken()).toBe('access-1');
  expect(await session.status()).toMatchObject({ state: 'logged_in' });
});

test('B65, B66: a response without a refresh token keeps the old one', async () => {
  const { server, session, another, expire } = await scene();
  server.onRefresh = (count) =>
    Response.json({
      access_token: `access-${String(count + 1)}`,
      token_type: 'bearer',
      refresh_token: null,
      expires_in: 60,
    });
  expire();
  expect(await session.accessToken()).toBe('access-2');
  expire();
  expect(await another().accessToken()).toBe('access-3');
  expect(server.refreshes).toEqual(['refresh-1', 'refresh-1']);
});

test('an expired login without a refresh token asks for a new one', async () => {
  const { server, session, expire } = await scene();
  server.onRefresh = () => Response.json({ access_token: 'access-2', token_type: 'Bearer' });
  expire();
  expect(await session.accessToken()).toBe('access-2');
  expect(await session.status()).toMatchObject({ renewable: true });
});
