import { expect, test } from '@jest/globals';
import type { AuthorizationServerMetadata } from '../../src/discovery/authorization-server.js';
import { MemoryTokenStore } from '../../src/in-memory/memory-token-store.js';
import { Dpop } from '../../src/dpop/dpop.js';
import { ClientKeyring } from '../../src/registration/client-keys.js';
import { ClientRegistrar } from '../../src/registration/client-registration.js';
import { IssuerBindings } from '../../src/registration/issuer-bindings.js';
import { RegistrationRepository } from '../../src/registration/registration-repository.js';
import type { OAuthClientEvent } from '../../src/events.js';
import { TokenEndpoint } from '../../src/protocol/token-endpoint.js';
import { systemClock } from '../../src/time/clock.js';
import { ScriptedFetch } from '../scripted-fetch.js';

const ISSUER = 'https://as.example';
const REGISTER = `${ISSUER}/register`;
const URIS = ['http://localhost:9876/callback', 'http://localhost:9877/callback'];

const server: AuthorizationServerMetadata = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  registration_endpoint: REGISTER,
  client_id_metadata_document_supported: false,
  authorization_response_iss_parameter_supported: false,
};

function host(
  answer: (count: number) => Record<string, unknown>,
  options: { metadataUrl?: string; store?: MemoryTokenStore; token?: () => Response } = {},
) {
  let now = 1_800_000_000_000;
  let count = 0;
  const events: OAuthClientEvent[] = [];
  const fetch = new ScriptedFetch({
    [REGISTER]: () => Response.json(answer(++count), { status: 201 }),
    [server.token_endpoint]: options.token ?? (() => new Response(null, { status: 500 })),
    'https://other.example/register': () => Response.json({ client_id: 'other' }, { status: 201 }),
  });
  const store = options.store ?? new MemoryTokenStore();
  const registrar = new ClientRegistrar({
    keys: new ClientKeyring().host,
    http: fetch.http,
    clock: { now: () => now, monotonic: () => performance.now() },
    repository: new RegistrationRepository(store),
    bindings: new IssuerBindings(store),
    identity: undefined,
    endpoint: new TokenEndpoint(fetch.http, systemClock(), new Dpop(systemClock(), undefined)),
    emit: (event) => void events.push(event),
    metadata: { client_name: 'Test host' },
    published:
      options.metadataUrl === undefined
        ? undefined
        : { client_id: options.metadataUrl, redirectUris: undefined },
  });
  return {
    fetch,
    events,
    registrar,
    register: (uris: readonly string[] = URIS, at = server, isSuspect = false) =>
      registrar.register(at, at.registration_endpoint ?? '', uris, isSuspect),
    turnClock: (ms: number) => {
      now += ms;
    },
  };
}

const numbered = (count: number) => ({ client_id: `client-${String(count)}` });

test('a registration is asked for once, and is the same for everybody afterwards', async () => {
  const { register, fetch } = host(numbered);
  expect(await register()).toMatchObject({ client: { client_id: 'client-1' }, fresh: true });
  expect(await register()).toMatchObject({ client: { client_id: 'client-1' }, fresh: false });
  expect(fetch.sent).toHaveLength(1);
  expect(JSON.parse(fetch.sent[0]?.body ?? '')).toEqual({
    client_name: 'Test host',
    redirect_uris: URIS,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'native',
  });
});

test('another issuer and other redirect addresses have a registration of their own', async () => {
  const { register } = host(numbered);
  const other = {
    ...server,
    issuer: 'https://other.example',
    registration_endpoint: 'https://other.example/register',
  };
  expect(await register()).toMatchObject({ client: { client_id: 'client-1' } });
  expect(await register(URIS, other)).toMatchObject({ client: { client_id: 'other' } });
  expect(await register(['http://localhost:50000/callback'])).toMatchObject({
    client: { client_id: 'client-2' },
  });
  expect(await register()).toMatchObject({ client: { client_id: 'client-1' }, fresh: false });
});

test('A87: a registration whose secret has expired is replaced, once', async () => {
  const { register, turnClock, fetch } = host((count) => ({
    ...numbered(count),
    client_secret: `secret-${String(count)}`,
    client_secret_expires_at: count === 1 ? 1_800_000_060 : 0,
  }));
  await register();
  turnClock(59_000);
  expect(await register()).toMatchObject({ client: { client_id: 'client-1' } });
  turnClock(2_000);
  expect(await register()).toMatchObject({ client: { client_id: 'client-2' }, fresh: true });
  expect(await register()).toMatchObject({ client: { client_id: 'client-2' }, fresh: false });
  expect(fetch.sent).toHaveLength(2);
});

test('of two who register at once both use the one that was stored first', async () => {
  const store = new MemoryTokenStore();
  const { register } = host(numbered, { store });
  const both = await Promise.all([register(), register()]);
  expect(new Set(both.map(({ client }) => client.client_id)).size).toBe(1);
});

test.each([
  ['another address', ['https://evil.example/callback']],
  ['one of ours missing', URIS.slice(1)],
  ['an empty list', []],
])(
  'A87: an answer whose redirect addresses are %s is refused, and nothing is stored',
  async (_, redirect_uris) => {
    let tampered = true;
    const { register, fetch } = host((count) =>
      tampered ? { ...numbered(count), redirect_uris } : numbered(count),
    );
    await expect(register()).rejects.toMatchObject({ code: 'registration_failed', issuer: ISSUER });
    tampered = false;
    expect(await register()).toMatchObject({ client: { client_id: 'client-2' }, fresh: true });
    expect(fetch.sent).toHaveLength(2);
  },
);

test.each(['', 'x'.repeat(5_000), 7, null, undefined])('A87: %j is no client_id', async (client_id) => {
  const { register } = host(() => ({ client_id }));
  await expect(register()).rejects.toMatchObject({ code: 'registration_failed' });
});

test('a client that was registered by hand comes first, then the metadata document, then registration', () => {
  const documents = { ...server, client_id_metadata_document_supported: true };
  const metadataUrl = 'https://host.example/client.json';
  const { registrar } = host(numbered, { metadataUrl });
  expect(registrar.way(documents, { clientId: 'mine', clientSecret: 's' })).toMatchObject({
    kind: 'pre_registered',
    client: { client_id: 'mine', client_secret: 's' },
  });
  expect(registrar.way(documents, {})).toMatchObject({
    kind: 'metadata_document',
    client: { client_id: metadataUrl, token_endpoint_auth_method: 'none' },
  });
  expect(registrar.way(server, {})).toEqual({ kind: 'dynamic', registration_endpoint: REGISTER });
  expect(() => registrar.way({ ...server, registration_endpoint: undefined }, {})).toThrow(/by hand/);
});

test.each([
  [undefined, 'none'],
  [['client_secret_basic', 'none'], 'none'],
  [['client_secret_post'], 'client_secret_post'],
  [['private_key_jwt'], 'none'],
])('a native client before a server that supports %j registers for %s', async (methods, expected) => {
  const { register, fetch } = host(numbered);
  await register(URIS, { ...server, token_endpoint_auth_methods_supported: methods });
  expect(JSON.parse(fetch.sent[0]?.body ?? '')).toMatchObject({ token_endpoint_auth_method: expected });
});

test('a web application registers as one, with a secret where the server has them', async () => {
  const { register, fetch } = host(numbered);
  await register(['https://host.example/callback']);
  expect(JSON.parse(fetch.sent[0]?.body ?? '')).toMatchObject({
    application_type: 'web',
    token_endpoint_auth_method: 'client_secret_basic',
  });
});

test.each([
  ['invalid_client', 'client-2'],
  ['invalid_grant', 'client-1'],
  ['unsupported_grant_type', 'client-1'],
])('asked about a suspect client, a server that answers %s leaves us with %s', async (error, client_id) => {
  const { register, fetch } = host(numbered, { token: () => Response.json({ error }, { status: 400 }) });
  await register();
  expect(await register(URIS, server, true)).toMatchObject({ client: { client_id } });
  const probe = fetch.sent.find(({ url }) => url === server.token_endpoint);
  expect(new URLSearchParams(probe?.body).get('client_id')).toBe('client-1');
});
