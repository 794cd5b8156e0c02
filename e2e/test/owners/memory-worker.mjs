import { createOAuthClient, MemoryTokenStore } from '@mcp-oauth/core';
import { runWorker } from '@mcp-oauth/e2e/worker';
import { createTransportFactory } from '@mcp-oauth/transport-factory';

const resource = 'https://mcp.example.com/mcp';
const issuer = 'https://login.example.com';
const redirectUri = 'https://host.example/oauth/callback';
const config = { type: 'http', url: resource, auth: { type: 'oauth' } };

/** Every server that there is, in this process: what they would keep is nobody's memory here. */
async function servers(url, init) {
  const { origin, pathname } = new URL(url);
  if (pathname.startsWith('/.well-known/oauth-protected-resource'))
    return Response.json({ resource, authorization_servers: [issuer] });
  if (pathname.startsWith('/.well-known/'))
    return Response.json({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      registration_endpoint: `${issuer}/register`,
      revocation_endpoint: `${issuer}/revoke`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
    });
  if (pathname === '/register')
    return Response.json({ client_id: 'client', token_endpoint_auth_method: 'none' }, { status: 201 });
  if (pathname === '/token')
    return Response.json({ access_token: 'a'.repeat(40), token_type: 'Bearer', expires_in: 31_536_000 });
  if (pathname === '/revoke') return new Response(null);
  if (origin === new URL(resource).origin && new Headers(init?.headers).has('authorization'))
    return Response.json({ jsonrpc: '2.0', id: 1, result: {} });
  const challenge = `Bearer resource_metadata="${new URL(resource).origin}/.well-known/oauth-protected-resource/mcp"`;
  return new Response(null, { status: 401, headers: { 'www-authenticate': challenge } });
}

/** A store in which everybody is logged in, and which keeps nothing of anybody: as one in another process. */
class ElsewhereStore {
  #shared = new MemoryTokenStore();
  #template;
  #writes = 0;

  constructor(template) {
    this.#template = template;
  }

  async get(key) {
    if (isShared(key.partition)) return this.#shared.get(key);
    return key.id === this.#template.id ? this.#template : null;
  }

  async compareAndSet(key, expected, value, options) {
    if (isShared(key.partition)) return this.#shared.compareAndSet(key, expected, value, options);
    return { ok: true, version: value && String(++this.#writes) };
  }

  async list(partition, options) {
    return isShared(partition) ? this.#shared.list(partition, options) : [this.#template];
  }

  async purge() {}
  async check() {}
  async close() {}
}

const isShared = (partition) => partition === 'registrations' || partition === 'mcp-oauth';

function client(store) {
  return createOAuthClient({
    store,
    owners: 'many',
    fetch: servers,
    client: { client_name: 'Host' },
    secret: new Uint8Array(32).fill(7),
  });
}

/** The record of a login as this library writes it. */
async function loginRecord() {
  const store = new MemoryTokenStore();
  const oauth = client(store);
  const { authorizationUrl, binding } = await oauth
    .session({ resource, owner: 'somebody' })
    .beginAuthorization({ redirectUri });
  const callback = `${redirectUri}?code=c&state=${authorizationUrl.searchParams.get('state')}`;
  await oauth.completeAuthorization(callback, { owner: 'somebody', binding });
  const [partition] = await oauth.partitions({ owner: 'somebody' });
  const [record] = await store.list(partition);
  return record;
}

const visits = {
  'access token': (oauth, owner) => oauth.session({ resource, owner }).accessToken(),
  request: async (oauth, owner) => {
    const response = await oauth.session({ resource, owner }).fetch(resource, { method: 'POST', body: '{}' });
    await response.arrayBuffer();
  },
  'login begun': (oauth, owner) =>
    oauth.session({ resource, owner, profile: 'new' }).beginAuthorization({ redirectUri }),
  'list of logins': (oauth, owner) => oauth.sessions({ owner }),
  forgotten: (oauth, owner) => oauth.forgetOwner({ owner }),
  transport: (oauth, owner, factory) => {
    factory.create(config, { owner });
  },
  'OAuth provider': (oauth, owner, factory) => factory.getOAuthProvider(config, { owner }).tokens(),
};

async function heap() {
  // What ends with a turn of the event loop or a timer has ended then.
  await new Promise((resolve) => setTimeout(resolve, 100));
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Says how many bytes an owner costs who has been here and went, beyond those that are kept in memory on purpose. */
runWorker(async ({ visit, kept, owners }) => {
  const oauth = client(new ElsewhereStore(await loginRecord()));
  const factory = createTransportFactory({ oauth });
  const all = async (from, to) => {
    for (let next = from; next < to; next += 50)
      await Promise.all(
        Array.from({ length: Math.min(50, to - next) }, (_, index) =>
          visits[visit](oauth, `user-${next + index}`, factory),
        ),
      );
  };
  await all(0, 2 * kept);
  const before = await heap();
  await all(2 * kept, 2 * kept + owners);
  const after = await heap();
  return { bytes: after - before };
});
