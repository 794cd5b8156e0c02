import { expect, test } from '@jest/globals';
import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import type { Browser, CallbackListener, FetchLike } from '@mcp-oauth/core';
import { SessionOAuthProvider } from '../src/oauth-provider/session-oauth-provider.js';

const RESOURCE = 'https://mcp.example/mcp';
const ISSUER = 'https://as.example';

/** A person who is logged in at the authorization server: each page that opens comes back at once. */
class Person implements Browser, CallbackListener {
  pages = 0;
  #answered: ((url: URL) => void) | undefined;

  open({ searchParams }: URL): Promise<{ readonly opened: true }> {
    this.pages++;
    const url = new URL(searchParams.get('redirect_uri') ?? '');
    url.searchParams.set('code', 'the-code');
    url.searchParams.set('state', searchParams.get('state') ?? '');
    this.#answered?.(url);
    return Promise.resolve({ opened: true });
  }

  listen({ redirectUris: [redirectUri] }: Parameters<CallbackListener['listen']>[0]) {
    const answer = new Promise<URL>((resolve) => (this.#answered = resolve));
    const response = async () => ({ url: await answer, show: () => undefined });
    return Promise.resolve({ redirectUri, response, close: () => Promise.resolve() });
  }
}

/** Processes over one store, and servers that take every token. Logins after the first are granted more. */
class Scene {
  readonly #store = new MemoryTokenStore();
  readonly #scopes = ['mcp:tools'];

  readonly fetch: FetchLike = (url, init = {}) => {
    const { href } = new URL(url);
    return Promise.resolve(
      href === RESOURCE
        ? this.#resource(new Headers(init.headers))
        : (this.#known[href]?.() ?? new Response('', { status: 404 })),
    );
  };

  readonly #known: Readonly<Record<string, () => Response>> = {
    'https://mcp.example/metadata': () =>
      Response.json({ resource: RESOURCE, authorization_servers: [ISSUER] }),
    [`${ISSUER}/.well-known/oauth-authorization-server`]: () =>
      Response.json({
        issuer: ISSUER,
        authorization_endpoint: `${ISSUER}/authorize`,
        token_endpoint: `${ISSUER}/token`,
        code_challenge_methods_supported: ['S256'],
      }),
    [`${ISSUER}/token`]: () =>
      Response.json({
        access_token: crypto.randomUUID(),
        token_type: 'Bearer',
        expires_in: 3600,
        scope: this.#scopes.shift() ?? 'mcp:tools mcp:admin',
      }),
  };

  process(fetch: FetchLike = this.fetch) {
    const person = new Person();
    const client = { client_name: 'Test host' };
    const [store, browser, callbackListener] = [this.#store, person, person];
    const oauth = createOAuthClient({ store, owners: 'many', client, fetch, browser, callbackListener });
    const session = oauth.session({ resource: RESOURCE, owner: 'ann' }, { clientId: 'c' });
    const provider = new SessionOAuthProvider({ session, client });
    /** What the SDK does after a refusal. */
    const refused = (scope: string) =>
      provider.redirectToAuthorization(
        new URL(`https://mcp.example/authorize?${new URLSearchParams({ scope })}`),
      );
    return { person, session, provider, refused };
  }

  #resource(headers: Headers): Response {
    if (headers.has('authorization')) return new Response('');
    const challenge = 'Bearer resource_metadata="https://mcp.example/metadata"';
    return new Response('', { status: 401, headers: { 'www-authenticate': challenge } });
  }
}

const RENEWED = { name: 'UnauthorizedError', code: 'transient' };

test('a step-up that another process has made opens no page here', async () => {
  const scene = new Scene();
  const [a, b] = [scene.process(), scene.process()];
  await a.session.authorize();
  await a.provider.tokens();
  await b.session.authorize({ scope: 'mcp:admin' });
  await expect(a.refused('mcp:admin')).rejects.toMatchObject(RENEWED);
  expect([a.person.pages, b.person.pages]).toEqual([1, 1]);
});

test('a login that another process makes while the page is prepared opens no page here', async () => {
  const scene = new Scene();
  const b = scene.process();
  let isFirst = true;
  const a = scene.process(async (url, init) => {
    if (isFirst && new URL(url).pathname.startsWith('/.well-known')) {
      isFirst = false;
      await b.session.authorize();
    }
    return await scene.fetch(url, init);
  });
  expect(await a.provider.tokens()).toBeUndefined();
  await expect(a.refused('')).rejects.toMatchObject(RENEWED);
  expect([a.person.pages, b.person.pages]).toEqual([0, 1]);
  expect(a.provider.isLoggingIn).toBe(false);
});
