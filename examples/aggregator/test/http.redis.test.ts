import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { expectNoLeaks, person } from '@mcp-oauth/e2e';
import { startHttpReplica } from './support/http-replica.js';
import type { HttpReplica } from './support/http-replica.js';
import { HttpUser } from './support/http-user.js';

let replica: HttpReplica;
const fromHere = { 'sec-fetch-site': 'same-origin' };

beforeAll(async () => {
  replica = await startHttpReplica();
});
afterAll(() => replica.close());

const pages = ['/', '/sign-in', '/data', '/servers/harbour', '/oauth/refused/unknown_flow', '/nothing'];

test('every page forbids scripts, frames, caches and referrers', async () => {
  const ada = await HttpUser.signedIn(replica, 'ada');
  for (const path of pages) {
    const { headers, body } = await ada.send(path);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'strict-transport-security': 'max-age=31536000',
      replica: 'replica 1',
    });
    expect(body).not.toContain('<script');
  }
});

test('the session cookie is for this host, for https and for the server alone', async () => {
  const { headers } = await replica.send('/sign-in', { form: { user: 'ada' }, headers: fromHere });
  const [cookie = ''] = headers['set-cookie'] ?? [];
  expect(cookie).toMatch(/^__Host-session=/);
  expect(cookie.split('; ').slice(1).sort()).toEqual([
    'HttpOnly',
    'Max-Age=28800',
    'Path=/',
    'SameSite=Lax',
    'Secure',
  ]);
});

test('over plain http on this machine the cookie has neither Secure nor a prefix', async () => {
  const local = await startHttpReplica({ publicUrl: 'http://127.0.0.1:8080' });
  try {
    const { headers } = await local.send('/sign-in', { form: { user: 'ada' }, headers: fromHere });
    expect(headers['set-cookie']?.[0]).toMatch(
      /^session=[^;]+; Max-Age=28800; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    expect(headers['strict-transport-security']).toBeUndefined();
  } finally {
    await local.close();
  }
});

test('a session that was tampered with, or signed for something else, is nobody’s', async () => {
  const ada = await HttpUser.signedIn(replica, 'ada');
  const value = decodeURIComponent(ada.cookies.get('__Host-session') ?? '');
  for (const forged of [
    value.replace('.ada.', '.grace.'),
    value.slice(0, value.lastIndexOf('.')),
    `${value.slice(0, -4)}AAA=`,
    '',
  ]) {
    const cookie = `__Host-session=${encodeURIComponent(forged)}`;
    const answer = await replica.send('/', { headers: { cookie } });
    expect([answer.status, answer.headers.location]).toEqual([303, '/sign-in']);
  }
});

test('a form of another site does nothing, whoever is signed in', async () => {
  const ada = await HttpUser.signedIn(replica, 'ada');
  const form = { form_token: await ada.formToken(), user: 'grace' };
  for (const headers of [
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    { origin: 'https://sub.tools.example.com', 'sec-fetch-site': 'same-site' },
    { origin: 'null' },
    {},
  ]) {
    for (const path of ['/sign-in', '/sign-out', '/servers/harbour/connect', '/data/delete']) {
      const answer = await ada.send(path, { form, headers });
      expect([path, answer.status, answer.headers['set-cookie']]).toEqual([path, 403, undefined]);
    }
  }
});

test('a form of this site needs the token of this very sign-in', async () => {
  const ada = await HttpUser.signedIn(replica, 'ada');
  const old = await ada.formToken();
  await ada.send('/sign-in', { form: { user: 'ada' }, headers: fromHere });
  const grace = await HttpUser.signedIn(replica, 'grace');
  for (const form_token of ['', 'x', old, await grace.formToken()]) {
    for (const path of [
      '/sign-out',
      '/servers/harbour/connect',
      '/servers/harbour/disconnect',
      '/data/delete',
    ]) {
      const answer = await ada.send(path, { form: { form_token }, headers: fromHere });
      expect([path, answer.status]).toEqual([path, 403]);
    }
  }
  expect(replica.authorizationServer.counts().register).toBe(0);
  expect((await ada.submit('/sign-out')).headers.location).toBe('/sign-in');
  expect(ada.cookies.size).toBe(0);
});

test('who is not signed in is sent to the door, and can begin and complete nothing', async () => {
  for (const path of ['/', '/data', '/servers/harbour', '/servers/harbour/tools/add', '/servers/nothing']) {
    const answer = await replica.send(path);
    expect([answer.status, answer.headers.location]).toEqual([303, '/sign-in']);
  }
  const answer = await replica.send('/servers/harbour/connect', { form: {}, headers: fromHere });
  expect([answer.status, answer.headers.location]).toEqual([303, '/sign-in']);
});

test('unknown addresses, other methods, other hosts and long bodies are told apart', async () => {
  const ada = await HttpUser.signedIn(replica, 'ada');
  for (const path of ['/nothing', '/servers/nothing', '/servers/__proto__', '/oauth/refused/constructor']) {
    expect([path, (await ada.send(path)).status]).toEqual([path, 404]);
  }
  const get = await ada.send('/data/delete');
  expect([get.status, get.headers.allow]).toEqual([405, 'POST']);
  const elsewhere = await ada.send('/', { headers: { host: 'evil.example' } });
  expect([elsewhere.status, elsewhere.body.includes('Ada')]).toEqual([421, true]);
  const long = await ada.submit('/sign-out', { more: 'x'.repeat(70_000) });
  expect(long.status).toBe(413);
  expect((await replica.send('/health', { headers: { host: '10.0.0.7' } })).body).toBe('ok');
});

test('a callback that is none of ours leaves nothing of itself in the address', async () => {
  const ada = await HttpUser.signedIn(replica, 'ada');
  const forged = await ada.send('/oauth/callback?code=stolen-code&state=forged-state');
  expect([forged.status, forged.headers.location]).toEqual([303, '/oauth/refused/state_mismatch']);
  const twice = await ada.send('/oauth/callback?code=a&code=b&state=c');
  expect(twice.headers.location).toBe('/oauth/refused/duplicate_parameter');
  const nobody = await replica.send('/oauth/callback?code=stolen-code&state=forged-state');
  expect(nobody.headers.location).toBe('/oauth/refused/signed_out');
  const page = await ada.send('/oauth/refused/state_mismatch');
  expect([page.status, page.body.includes('was not begun here')]).toEqual([400, true]);
});

test('a login is bound to the browser by a short-lived cookie for the callback, and shows no secret to it', async () => {
  const grace = await HttpUser.signedIn(replica, 'grace');
  const { page, authorizationUrl } = await grace.begin('harbour');
  const [cookie = ''] = page.headers['set-cookie'] ?? [];
  expect(cookie).toMatch(/^__Secure-login-[\w-]{12}=/);
  expect(cookie.split('; ').slice(1).sort()).toEqual([
    'HttpOnly',
    'Max-Age=600',
    'Path=/oauth/callback',
    'SameSite=Lax',
    'Secure',
  ]);
  const callback = new URL(await person.consent(authorizationUrl));
  expect(callback.origin).toBe(replica.publicUrl.origin);
  const done = await grace.send(callback.pathname + callback.search);
  expect([done.status, done.headers.location]).toEqual([303, '/servers/harbour']);
  expect([...grace.cookies.keys()]).toEqual(['__Host-session', '__Secure-logins', '__Secure-connected']);
  expect((await grace.send('/servers/harbour')).body).toContain('began this login');
  expect((await grace.send('/servers/harbour')).body).not.toContain('began this login');
  const sum = await grace.submit('/servers/harbour/tools/add', { 'argument:a': '40', 'argument:b': '2' });
  expect(sum.body).toMatch(/<bdi>42<\/bdi>/);
  const wrong = await grace.submit('/servers/harbour/tools/add', {
    'argument:a': 'forty',
    'argument:b': '2',
  });
  expect([wrong.status, wrong.body.includes('a must be a number.')]).toEqual([400, true]);
  expect((await grace.send('/servers/harbour/tools/nothing')).status).toBe(404);
  const slow = await grace.submit('/servers/harbour/tools/slow', { 'argument:ms': '30000' });
  expect([slow.status, slow.body.includes('The server takes too long')]).toEqual([504, true]);
  expect(slow.body).toContain('may have been done');
  expect((await grace.submit('/servers/harbour/disconnect')).body.match(/ended by the server/g)).toHaveLength(
    2,
  );
  expectNoLeaks({ answers: replica.answers }, replica.authorizationServer.secrets());
}, 30_000);
