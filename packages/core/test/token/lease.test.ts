import { expect, test } from '@jest/globals';
import { RESOURCE, scene } from './scripted-server.js';
import { soon } from '../waiting.js';

const refusal = (error: string) => Response.json({ error }, { status: 400 });

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

test('a refresh lease shorter than twice its timeout is refused at construction (B28)', async () => {
  await expect(scene({ refresh: { timeoutMs: 30_000, leaseMs: 40_000 } })).rejects.toMatchObject({
    code: 'invalid_config',
  });
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
  expect(performance.now() - began).toBeLessThan(10_000);
});
