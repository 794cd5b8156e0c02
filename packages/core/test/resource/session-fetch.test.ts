import { expect, test } from '@jest/globals';
import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import { RESOURCE, scene, ScriptedServer } from '../token/scripted-server.js';

const refused = () =>
  new Response(null, { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } });

/** A logged-in session whose MCP server answers as `onCall` says, on a clock that it can turn. */
async function guarded(onCall: (call: { token: string; count: number; expire: () => void }) => Response) {
  const store = new MemoryTokenStore();
  const { server, clock, expire } = await scene({ store });
  let count = 0;
  const fetch: typeof server.fetch = (url, init) => {
    const authorization = new Headers(init?.headers).get('authorization');
    if (new URL(url).pathname !== '/mcp' || authorization === null) return server.fetch(url, init);
    return Promise.resolve(onCall({ token: authorization.slice('Bearer '.length), count: ++count, expire }));
  };
  const oauth = createOAuthClient({ store, client: { client_name: 'Test' }, fetch, now: () => clock.now });
  const session = oauth.session({ resource: RESOURCE });
  const send = (body: NonNullable<RequestInit['body']>) => session.fetch(RESOURCE, { method: 'POST', body });
  return { server, send, call: () => send('{}'), calls: () => count };
}

/** A person logs in by way of another process over the same store. */
async function logInElsewhere(
  server: ScriptedServer,
  store: MemoryTokenStore,
  scope?: string,
): Promise<void> {
  const redirectUri = 'https://host.example/callback';
  const oauth = server.client(store);
  const session = oauth.session({ resource: RESOURCE });
  const asked = { redirectUri, ...(scope === undefined ? {} : { scope }) };
  const { authorizationUrl, binding } = await session.beginAuthorization(asked);
  const callback = new URL(redirectUri);
  callback.searchParams.set('code', 'code');
  callback.searchParams.set('state', authorizationUrl.searchParams.get('state') ?? '');
  await oauth.completeAuthorization(callback, { binding });
}

test('a token that is refused is renewed once, and the call is sent again', async () => {
  const { server, call } = await guarded(({ token }) =>
    token === 'access-1' ? refused() : new Response('ok'),
  );
  expect((await call()).status).toBe(200);
  expect(server.refreshes).toEqual(['refresh-1']);
});

test('a renewed token that ends before it arrives is renewed again, and nobody is told to log in', async () => {
  const { server, call } = await guarded(({ count, expire }) => {
    if (count === 3) return new Response('ok');
    expire();
    return refused();
  });
  expect((await call()).status).toBe(200);
  expect(server.refreshes).toEqual(['refresh-1', 'refresh-2']);
});

test('tokens that never arrive in time are told as transient, after a bounded number of them', async () => {
  const { server, call, calls } = await guarded(({ expire }) => {
    expire();
    return refused();
  });
  await expect(call()).rejects.toMatchObject({ code: 'transient' });
  expect(calls()).toBe(4);
  expect(server.refreshes).toHaveLength(3);
});

test('a good token that is refused right after its renewal asks for a login, and is not renewed again', async () => {
  const { server, call } = await guarded(() => refused());
  await expect(call()).rejects.toMatchObject({ code: 'authorization_required', reason: 'token_refused' });
  await expect(call()).rejects.toMatchObject({ code: 'authorization_required', reason: 'token_refused' });
  expect(server.refreshes).toEqual(['refresh-1']);
});

test('A38: logins that are made in another process than the calls are bounded too', async () => {
  const store = new MemoryTokenStore();
  const { server } = await scene({ store });
  const fetch: typeof server.fetch = (url, init) =>
    new URL(url).pathname === '/mcp' ? Promise.resolve(refused()) : server.fetch(url, init);
  const worker = createOAuthClient({ store, client: { client_name: 'Test' }, fetch });
  const told: string[] = [];
  for (let turns = 0; turns < 6; turns++) {
    const call = worker.session({ resource: RESOURCE }).fetch(RESOURCE, { method: 'POST', body: '{}' });
    const { code } = await call.then(
      () => ({ code: 'answered' }),
      (error: unknown) => error as { readonly code: string },
    );
    told.push(code);
    if (code === 'authorization_required') await logInElsewhere(server, store);
  }
  expect(told).toEqual(['authorization_required', ...Array<string>(5).fill('transient')]);
});

test('a token that is refused and can not be renewed passes for no login any more, though it has not ended', async () => {
  const store = new MemoryTokenStore();
  const server = new ScriptedServer();
  server.onExchange = () => Response.json({ access_token: 'only', token_type: 'Bearer', expires_in: 3_600 });
  const oauth = server.client(store);
  const session = oauth.session({ resource: RESOURCE });
  const redirectUri = 'https://host.example/callback';
  const { authorizationUrl, binding } = await session.beginAuthorization({ redirectUri });
  const callback = new URL(redirectUri);
  callback.searchParams.set('code', 'code');
  callback.searchParams.set('state', authorizationUrl.searchParams.get('state') ?? '');
  await oauth.completeAuthorization(callback, { binding });

  await expect(session.authorize()).resolves.toBeUndefined();
  await expect(session.fetch(RESOURCE, { method: 'POST', body: '{}' })).rejects.toMatchObject({
    code: 'authorization_required',
  });
  // Nobody can be asked here, and that is tried now.
  await expect(session.authorize()).rejects.toMatchObject({ code: 'browser_failed' });
});

test('a step-up that was made in another process serves the very next call, and nobody is asked again', async () => {
  const store = new MemoryTokenStore();
  const { server, clock } = await scene({ store });
  let scope = 'read write';
  const tokens: string[] = [];
  const fetch: typeof server.fetch = (url, init) => {
    const authorization = new Headers(init?.headers).get('authorization');
    if (new URL(url).pathname !== '/mcp' || authorization === null) return server.fetch(url, init);
    tokens.push(authorization);
    const lacking = 'Bearer error="insufficient_scope", scope="write"';
    return Promise.resolve(
      authorization.endsWith('stepped-up')
        ? new Response('ok')
        : new Response(null, { status: 403, headers: { 'www-authenticate': lacking } }),
    );
  };
  const oauth = createOAuthClient({ store, client: { client_name: 'Test' }, fetch, now: () => clock.now });
  const call = () => oauth.session({ resource: RESOURCE }).fetch(RESOURCE, { method: 'POST', body: '{}' });
  const missing = { code: 'authorization_required', reason: 'insufficient_scope' };
  await expect(call()).rejects.toMatchObject(missing);
  expect(tokens).toHaveLength(1);

  const login = async () => {
    server.onExchange = () =>
      Response.json({ access_token: 'stepped-up', token_type: 'Bearer', expires_in: 3_600, scope });
    await logInElsewhere(server, store, scope);
  };
  scope = 'read';
  await login();
  // Another login that doesn't help is no reason to send the call again.
  await expect(call()).rejects.toMatchObject(missing);
  expect(tokens).toHaveLength(2);
  scope = 'read write';
  await login();
  expect(await (await call()).text()).toBe('ok');
});

test('a server that answers 401 and 403 in turn gets so many tokens of one call, and no more', async () => {
  const store = new MemoryTokenStore();
  const { server, session: elsewhere } = await scene({ store });
  let calls = 0;
  const lacking = 'Bearer error="insufficient_scope"';
  const fetch: typeof server.fetch = async (url, init) => {
    const authorization = new Headers(init?.headers).get('authorization');
    if (new URL(url).pathname !== '/mcp' || authorization === null) return server.fetch(url, init);
    if (++calls % 2 === 1) return refused();
    // Whatever it is that renews the token meanwhile, there is always a newer one.
    const { grantId, generation } = await elsewhere.currentToken();
    await elsewhere.currentToken({ rejected: { grantId, generation } });
    return new Response(null, { status: 403, headers: { 'www-authenticate': lacking } });
  };
  const session = server.client(store, { fetch }).session({ resource: RESOURCE });
  const call = session.fetch(RESOURCE, { method: 'POST', body: '{}' });
  await expect(call).rejects.toMatchObject({
    code: expect.stringMatching(/authorization_required|step_up_exhausted|transient/),
  });
  expect(calls).toBeLessThan(10);
  expect(server.refreshes.length).toBeLessThan(10);
});

test('B35: a call that is given up does not wait for a store that hangs, when its token lacks scopes', async () => {
  const store = new MemoryTokenStore();
  const { server } = await scene({ store });
  let hangs = false;
  const hanging: typeof store.get = (key) => (hangs ? new Promise(() => undefined) : store.get(key));
  const fetch: typeof server.fetch = (url, init) => {
    const authorization = new Headers(init?.headers).get('authorization');
    if (new URL(url).pathname !== '/mcp' || authorization === null) return server.fetch(url, init);
    hangs = true;
    const challenge = 'Bearer error="insufficient_scope", scope="write"';
    return Promise.resolve(new Response(null, { status: 403, headers: { 'www-authenticate': challenge } }));
  };
  const oauth = server.client(
    {
      get: hanging,
      compareAndSet: store.compareAndSet.bind(store),
      list: store.list.bind(store),
      purge: store.purge.bind(store),
      check: store.check.bind(store),
      close: store.close.bind(store),
    },
    { fetch },
  );
  const giveUp = new AbortController();
  const call = oauth
    .session({ resource: RESOURCE })
    .fetch(RESOURCE, { method: 'POST', body: '{}', signal: giveUp.signal });
  setTimeout(() => {
    giveUp.abort(new Error('given up'));
  }, 50);
  await expect(call).rejects.toThrow('given up');
});

test('a stream that is refused for want of scopes gets the answer of its server, also when nobody is asked any more', async () => {
  const challenge = 'Bearer error="insufficient_scope", scope="read"';
  const store = new MemoryTokenStore();
  const { server, session } = await scene({ store });
  const fetch: typeof server.fetch = (url, init) =>
    new Headers(init?.headers).has('authorization') && new URL(url).pathname === '/mcp'
      ? Promise.resolve(new Response('no', { status: 403, headers: { 'www-authenticate': challenge } }))
      : server.fetch(url, init);
  const stream = async () => {
    const response = await server.client(store, { fetch }).session({ resource: RESOURCE }).fetch(RESOURCE);
    return [response.status, response.headers.get('www-authenticate'), await response.text()];
  };
  const expected = [403, challenge, 'no'];
  expect(await stream()).toEqual(expected);
  const redirectUri = 'https://host.example/callback';
  const { authorizationUrl, binding } = await session.beginAuthorization({ redirectUri });
  expect(authorizationUrl.searchParams.get('scope')).toBe('read');
  const callback = new URL(redirectUri);
  callback.searchParams.set('code', 'code');
  callback.searchParams.set('state', authorizationUrl.searchParams.get('state') ?? '');
  await server.client(store).completeAuthorization(callback, { binding });
  expect(await stream()).toEqual(expected);
});

test('A78: a renewal of the token does not make a server that grants less worth another question', async () => {
  const store = new MemoryTokenStore();
  const { server, session: first, clock, expire } = await scene({ store });
  const challenge = 'Bearer error="insufficient_scope", scope="write"';
  const fetch: typeof server.fetch = (url, init) =>
    new Headers(init?.headers).has('authorization') && new URL(url).pathname === '/mcp'
      ? Promise.resolve(new Response(null, { status: 403, headers: { 'www-authenticate': challenge } }))
      : server.fetch(url, init);
  const session = server.client(store, { fetch, now: () => clock.now }).session({ resource: RESOURCE });
  const call = () => session.fetch(RESOURCE, { method: 'POST', body: '{}' });
  await expect(call()).rejects.toMatchObject({ code: 'authorization_required', scope: 'write' });

  const redirectUri = 'https://host.example/callback';
  const { authorizationUrl, binding } = await first.beginAuthorization({ redirectUri });
  expect(authorizationUrl.searchParams.get('scope')).toBe('write');
  const callback = new URL(redirectUri);
  callback.searchParams.set('code', 'code');
  callback.searchParams.set('state', authorizationUrl.searchParams.get('state') ?? '');
  const reading = { access_token: 'less', refresh_token: 'less', token_type: 'Bearer', scope: 'read' };
  server.expiresIn = 60;
  server.onExchange = () => Response.json({ ...reading, expires_in: 60 });
  await server.client(store).completeAuthorization(callback, { binding });
  await expect(call()).rejects.toMatchObject({ code: 'step_up_exhausted', reason: 'repeated' });
  expire();
  await expect(call()).rejects.toMatchObject({ code: 'step_up_exhausted', reason: 'repeated' });
  expect(server.refreshes).toEqual(['less']);
});

/** A refusal whose connection broke before its body had come. */
const brokenOff = (status: number, challenge: string) =>
  new Response(
    new ReadableStream({
      start: (controller) => {
        controller.error(new TypeError('terminated'));
      },
    }),
    { status, headers: { 'www-authenticate': challenge } },
  );

test('a refusal whose connection breaks off is a refusal all the same', async () => {
  const { server, call } = await guarded(({ token }) =>
    token === 'access-1' ? brokenOff(401, 'Bearer error="invalid_token"') : new Response('ok'),
  );
  expect((await call()).status).toBe(200);
  expect(server.refreshes).toEqual(['refresh-1']);
  const lacking = await guarded(() => brokenOff(403, 'Bearer error="insufficient_scope", scope="write"'));
  await expect(lacking.call()).rejects.toMatchObject({ code: 'authorization_required', scope: 'write' });
});

test.each([
  ['a stream', () => new Blob(['{}']).stream()],
  [
    'an iterable',
    async function* () {
      yield await Promise.resolve(new TextEncoder().encode('{}'));
    },
  ],
])('a call whose body is %s is not sent again half empty, when its token was renewed', async (_, body) => {
  const { server, send, calls } = await guarded(({ token }) =>
    token === 'access-1' ? refused() : new Response('ok'),
  );
  const call = send(body() as ReadableStream);
  await expect(call).rejects.toMatchObject({ code: 'transient' });
  expect(calls()).toBe(1);
  expect(server.refreshes).toEqual(['refresh-1']);
  expect((await send(body() as ReadableStream)).status).toBe(200);
});
