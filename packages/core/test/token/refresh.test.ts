import { expect, test } from '@jest/globals';
import { MemoryTokenStore, StoreError } from '@mcp-oauth/core';
import type { CompareAndSetResult, RecordKey, StoredRecord, Version, WriteOptions } from '@mcp-oauth/core';
import { RESOURCE, scene } from './scripted-server.js';

const refusal = (error: string) => Response.json({ error }, { status: 400 });
const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A memory store that fails when told to, and counts. */
class FailingStore extends MemoryTokenStore {
  reads = true;
  writes = true;
  operations = 0;

  override get(key: RecordKey): Promise<StoredRecord | null> {
    this.operations += 1;
    return this.reads ? super.get(key) : Promise.reject(new StoreError('unavailable', 'The store is away.'));
  }

  override compareAndSet(
    key: RecordKey,
    expected: Version | null,
    value: Uint8Array | null,
    options?: WriteOptions,
  ): Promise<CompareAndSetResult> {
    this.operations += 1;
    if (this.writes) return super.compareAndSet(key, expected, value, options);
    return Promise.reject(new StoreError('full', 'The store is full.'));
  }
}

test('B22: 1000 callers in one process cause one refresh', async () => {
  const { server, session, expire } = await scene();
  expire();
  const tokens = await Promise.all(Array.from({ length: 1_000 }, () => session.accessToken()));
  expect(new Set(tokens)).toEqual(new Set(['access-2']));
  expect(server.refreshes).toEqual(['refresh-1']);
});

test('waiting for a refresh in one process costs the store nothing', async () => {
  const store = new FailingStore();
  const { server, session, expire } = await scene({ store });
  await session.accessToken();
  expire();
  server.onRefresh = async () => {
    await soon(300);
    return server.tokens(2);
  };
  store.operations = 0;
  await Promise.all(Array.from({ length: 100 }, () => session.accessToken()));
  // Read, lease, read and commit.
  expect(store.operations).toBeLessThanOrEqual(4);
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

test('whoever waits for a slow refresh takes its outcome over', async () => {
  const { server, session, another, expire } = await scene({ refresh: { timeoutMs: 1_500, leaseMs: 3_000 } });
  expire();
  let wake: (response: Response) => void = () => undefined;
  server.onRefresh = (count) =>
    count === 1 ? new Promise<Response>((resolve) => (wake = resolve)) : refusal('invalid_grant');
  const late = session.accessToken();
  const eager = another().accessToken();
  // Within its own deadline the first holder answers after the second has begun to wait.
  setTimeout(() => wake(server.tokens(2)), 1_000);
  expect(await late).toBe('access-2');
  expect(await eager).toBe('access-2');
  expect(server.refreshes).toEqual(['refresh-1']);
});

test('B26: a lease whose holder is known to be dead is broken at once', async () => {
  const dead = { self: 'a', isAlive: (holder: string) => (holder === 'gone' ? false : undefined) };
  const { server, another, store, expire } = await scene({
    processIdentity: dead,
    refresh: { timeoutMs: 30_000, leaseMs: 60_000 },
  });
  expire();
  server.onRefresh = (count) => (count === 1 ? new Promise<Response>(() => undefined) : server.tokens(2));
  const holder = server.client(store, {
    processIdentity: { self: 'gone', isAlive: () => undefined },
    refresh: { timeoutMs: 30_000, leaseMs: 60_000 },
    now: () => Date.now() + 3_700_000,
  });
  const killed = holder.session({ resource: RESOURCE }).accessToken();
  killed.catch(() => undefined);
  await soon(50);
  const began = performance.now();
  expect(await another().accessToken()).toBe('access-2');
  expect(performance.now() - began).toBeLessThan(2_000);
});

test('without an identity a lease is broken after it was watched for its whole length', async () => {
  const { server, another, store, expire } = await scene({ refresh: { timeoutMs: 500, leaseMs: 1_000 } });
  expire();
  let first: ((response: Response) => void) | undefined;
  server.onRefresh = (count) =>
    count === 1 ? new Promise<Response>((resolve) => (first = resolve)) : server.tokens(3);
  const patient = { refresh: { timeoutMs: 30_000, leaseMs: 60_000 }, now: () => Date.now() + 3_700_000 };
  const stuck = server.client(store, patient).session({ resource: RESOURCE }).accessToken();
  await soon(50);
  const began = performance.now();
  expect(await another().accessToken()).toBe('access-3');
  expect(performance.now() - began).toBeGreaterThan(900);
  first?.(server.tokens(2));
  // B30: what comes late is not written over the newer token set.
  expect(await stuck).toBe('access-3');
  expect(await another().status()).toMatchObject({ generation: 2 });
});

test('B27: a success that comes after others were refused takes their mark away', async () => {
  const { server, another, store, expire } = await scene({ refresh: { timeoutMs: 500, leaseMs: 1_000 } });
  expire();
  let first: ((response: Response) => void) | undefined;
  server.onRefresh = (count) =>
    count === 1 ? new Promise<Response>((resolve) => (first = resolve)) : refusal('invalid_grant');
  const patient = { refresh: { timeoutMs: 30_000, leaseMs: 60_000 }, now: () => Date.now() + 3_700_000 };
  const late = server.client(store, patient).session({ resource: RESOURCE }).accessToken();
  await soon(50);
  await expect(another().accessToken()).rejects.toMatchObject({ reason: 'outcome_unknown' });
  expect(await another().status()).toMatchObject({ state: 'login_required' });
  first?.(server.tokens(2));
  expect(await late).toBe('access-2');
  expect(await another().status()).toMatchObject({ state: 'logged_in', generation: 2 });
  expect(await another().accessToken()).toBe('access-2');
});

test('B27: a refusal waits for an overtaken holder that may still bring the new token', async () => {
  const { server, another, store, expire } = await scene({ refresh: { timeoutMs: 500, leaseMs: 1_000 } });
  expire();
  let first: ((response: Response) => void) | undefined;
  server.onRefresh = (count) => {
    if (count === 1) return new Promise<Response>((resolve) => (first = resolve));
    setTimeout(() => first?.(server.tokens(2)), 200);
    return refusal('invalid_grant');
  };
  const patient = { refresh: { timeoutMs: 30_000, leaseMs: 60_000 }, now: () => Date.now() + 3_700_000 };
  const late = server.client(store, patient).session({ resource: RESOURCE }).accessToken();
  await soon(50);
  expect(await another().accessToken()).toBe('access-2');
  expect(await late).toBe('access-2');
});

test('B31: a login that is ended while it is renewed does not come back, and its new tokens are revoked', async () => {
  const { server, session, another, expire } = await scene();
  expire();
  let answer: (response: Response) => void = () => undefined;
  server.onRefresh = () => new Promise<Response>((resolve) => (answer = resolve));
  const renewing = session.accessToken();
  renewing.catch(() => undefined);
  await soon(20);
  await another().revoke();
  answer(server.tokens(2));
  await expect(renewing).rejects.toMatchObject({ code: 'authorization_required', reason: 'no_grant' });
  expect(server.revoked).toEqual(expect.arrayContaining(['refresh-1', 'refresh-2']));
  expect(await session.status()).toMatchObject({ state: 'logged_out' });
});

test('a store that is away never means "not logged in", and a good token is served', async () => {
  const store = new FailingStore();
  const { session, another, expire } = await scene({ store });
  expect(await session.accessToken()).toBe('access-1');
  store.reads = false;
  store.writes = false;
  expect(await session.accessToken()).toBe('access-1');
  await expect(another().accessToken()).rejects.toMatchObject({ code: 'store_failed' });
  expire();
  await expect(session.accessToken()).rejects.toMatchObject({ code: 'store_failed', kind: 'unavailable' });
  store.reads = true;
  store.writes = true;
  expect(await session.accessToken()).toBe('access-2');
});

test('a token in its last seconds is served where it can not be renewed', async () => {
  const store = new FailingStore();
  const { session, server, clock } = await scene({ store });
  await session.accessToken();
  clock.now += 3_600_000 - 2_000;
  store.reads = false;
  expect(await session.accessToken()).toBe('access-1');
  store.reads = true;
  server.onRefresh = () => new Response('', { status: 502 });
  expect(await session.accessToken()).toBe('access-1');
});

test('B07: where the intent can not be written, nothing is sent', async () => {
  const store = new FailingStore();
  const { session, server, expire } = await scene({ store });
  await session.accessToken();
  expire();
  store.writes = false;
  await expect(session.accessToken()).rejects.toMatchObject({ code: 'store_failed', kind: 'full' });
  expect(server.refreshes).toEqual([]);
});

test('B08: a renewed grant that can not be stored is used from memory, reported, and stored as soon as possible', async () => {
  const store = new FailingStore();
  const { session, another, server, expire, events } = await scene({ store });
  expire();
  server.onRefresh = () => {
    store.writes = false;
    return server.tokens(2);
  };
  expect(await session.accessToken()).toBe('access-2');
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'store_trouble', kind: 'full', unsaved: true }),
  );
  store.writes = true;
  for (let tries = 0; tries < 100 && !events.some(({ type }) => type === 'store_recovered'); tries++)
    await soon(50);
  expect(await another().accessToken()).toBe('access-2');
  expect(server.refreshes).toEqual(['refresh-1']);
});

test('a refresh lease shorter than twice its timeout is refused at construction (B28)', async () => {
  await expect(scene({ refresh: { timeoutMs: 30_000, leaseMs: 40_000 } })).rejects.toMatchObject({
    code: 'invalid_config',
  });
});

test('an expired login without a refresh token asks for a new one', async () => {
  const { server, session, expire } = await scene();
  server.onRefresh = () => Response.json({ access_token: 'access-2', token_type: 'Bearer' });
  expire();
  expect(await session.accessToken()).toBe('access-2');
  expect(await session.status()).toMatchObject({ renewable: true });
});
