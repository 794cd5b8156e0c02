import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { person } from '@mcp-oauth/e2e';
import { startHttpReplica } from './support/http-replica.js';
import type { HttpReplica } from './support/http-replica.js';
import { HttpUser } from './support/http-user.js';

let replica: HttpReplica;

beforeAll(async () => {
  replica = await startHttpReplica();
});
afterAll(() => replica.close());

const logins = ({ cookies }: HttpUser) => [...cookies.keys()].filter((name) => name.includes('-login-'));

test('a callback that finds no storage keeps the cookie of its login', async () => {
  const ada = await HttpUser.signedIn(replica, 'ada');
  const { authorizationUrl } = await ada.begin('harbour');
  const { pathname, search } = new URL(await person.consent(authorizationUrl));
  await replica.redis.kill();
  expect((await ada.send(pathname + search)).headers.location).toBe('/oauth/refused/storage');
  expect(logins(ada)).toHaveLength(1);
  await replica.redis.restart();
  while ((await ada.send('/')).status !== 200) await new Promise((resolve) => setTimeout(resolve, 50));
});

test('logins that are begun and abandoned leave at most twenty cookies, and the latest can be completed', async () => {
  const ada = await HttpUser.signedIn(replica, 'ada');
  const first = await ada.begin('harbour');
  const [oldest] = logins(ada);
  for (let begun = 1; begun < 23; begun++) await ada.begin('harbour');
  const { authorizationUrl } = await ada.begin('harbour');
  expect(logins(ada)).toHaveLength(20);
  expect(logins(ada)).not.toContain(oldest);
  expect(first.authorizationUrl.href).not.toBe(authorizationUrl.href);
  const { pathname, search } = new URL(await person.consent(authorizationUrl));
  expect((await ada.send(pathname + search)).headers.location).toBe('/servers/harbour');
  expect(logins(ada)).toHaveLength(19);
});

test('a callback that is refused takes the cookie of its login with it, and those of others stay', async () => {
  const grace = await HttpUser.signedIn(replica, 'grace');
  const { authorizationUrl } = await grace.begin('harbour');
  await grace.begin('harbour');
  const state = authorizationUrl.searchParams.get('state') ?? '';
  const iss = replica.authorizationServer.issuer;
  const query = new URLSearchParams({ error: 'access_denied', state, iss }).toString();
  expect((await grace.send(`/oauth/callback?${query}`)).headers.location).toBe('/oauth/refused/declined');
  expect(logins(grace)).toHaveLength(1);
});

test('that a server was connected is told to nobody who signs in after its user', async () => {
  const katherine = await HttpUser.signedIn(replica, 'katherine');
  await katherine.connect('harbour');
  expect([...katherine.cookies.keys()]).toContain('__Secure-connected');
  const connected = katherine.cookies.get('__Secure-connected') ?? '';
  await katherine.send('/sign-in', { form: { user: 'ada' }, headers: { 'sec-fetch-site': 'same-origin' } });
  expect([...katherine.cookies.keys()]).not.toContain('__Secure-connected');
  katherine.cookies.set('__Secure-connected', connected);
  await katherine.submit('/sign-out');
  expect([...katherine.cookies.keys()]).not.toContain('__Secure-connected');
});

test('a form that is not what its type says is refused, and is no defect', async () => {
  const ada = await HttpUser.signedIn(replica, 'ada');
  const headers = { 'sec-fetch-site': 'same-origin', 'content-type': 'multipart/form-data; boundary=x' };
  for (const path of ['/sign-in', '/sign-out', '/servers/harbour/connect']) {
    const answer = await ada.send(path, { form: { not: 'multipart' }, headers });
    expect([path, answer.status, answer.body.includes('can not be read')]).toEqual([path, 400, true]);
  }
});
