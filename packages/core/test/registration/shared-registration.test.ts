import { expect, test } from '@jest/globals';
import type { ProcessIdentity } from '@mcp-oauth/core';
import type { OAuthClientEvent } from '../../src/events.js';
import { MemoryTokenStore } from '../../src/in-memory/memory-token-store.js';
import { RegistrationRepository } from '../../src/registration/registration-repository.js';
import { SharedRegistration } from '../../src/registration/shared-registration.js';
import { ScriptedFetch } from '../scripted-fetch.js';
import { soon } from '../waiting.js';

const ISSUER = 'https://as.example';
const REGISTER = `${ISSUER}/register`;
const target = { issuer: ISSUER, registration_endpoint: REGISTER };
const request = {
  client_name: 'Test host',
  redirect_uris: ['https://host.example/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
  application_type: 'web',
} as const;
const asked = {
  ...request,
  grant_types: [...request.grant_types],
  response_types: [...request.response_types],
};

/** Any number of processes that share one store and one server. */
function fleet(answer: (count: number) => Response | Promise<Response>) {
  const store = new MemoryTokenStore();
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  const repository = new RegistrationRepository(store);
  const events: OAuthClientEvent[] = [];
  let count = 0;
  const fetch = new ScriptedFetch({ [REGISTER]: () => answer(++count) });
  return {
    fetch,
    events,
    repository,
    replica: (identity?: ProcessIdentity) => {
      const emit = (event: OAuthClientEvent) => void events.push(event);
      const shared = new SharedRegistration({ http: fetch.http, clock, identity, repository, emit });
      return () => shared.obtain(target, asked);
    },
  };
}

const registered = (count: number) =>
  Response.json({ client_id: `client-${String(count)}` }, { status: 201 });

test('a hundred cold logins in each of five processes register once, and all get the same client', async () => {
  const { replica, fetch, events } = fleet(async (count) => {
    await soon(100);
    return registered(count);
  });
  const replicas = Array.from({ length: 5 }, () => replica());
  const all = await Promise.all(replicas.flatMap((obtain) => Array.from({ length: 100 }, obtain)));
  expect(new Set(all.map(({ client }) => client.client_id))).toEqual(new Set(['client-1']));
  expect(fetch.sent).toHaveLength(1);
  expect(events).toEqual([{ type: 'client_registered', issuer: ISSUER }]);
});

test.each([
  [
    'refuses',
    () => Response.json({ error: 'invalid_client_metadata' }, { status: 400 }),
    'registration_failed',
  ],
  ['is in trouble', () => new Response(null, { status: 503 }), 'transient'],
  ['answers with too much', () => new Response('x'.repeat(2 * 1_024 * 1_024)), 'limit_exceeded'],
])(
  'whoever waits for a registration that the server %s gets the same answer, and asks nothing',
  async (_, answer, code) => {
    let isBroken = true;
    const { replica, fetch } = fleet(async (count) => {
      await soon(300);
      return isBroken ? answer() : registered(count);
    });
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => replica()()));
    expect(fetch.sent).toHaveLength(1);
    const codes = outcomes.map((outcome) =>
      outcome.status === 'rejected' ? codeOf(outcome.reason) : 'none',
    );
    // What this host refuses to take is told by name here alone; to others it is trouble of the moment.
    expect(new Set(codes)).toEqual(new Set(code === 'limit_exceeded' ? [code, 'transient'] : [code]));
    isBroken = false;
    expect(await replica()()).toMatchObject({ client: { client_id: 'client-2' }, fresh: true });
  },
);

test('a process that died while it registered holds the others up for its lease alone', async () => {
  const { replica, fetch, repository } = fleet(registered);
  const id = await repository.id(ISSUER, asked);
  const attempt = { id: 'of the dead', startedAt: Date.now(), holder: 'dead' };
  const record = { issuer: ISSUER, redirect_uris: asked.redirect_uris, attempt };
  await repository.put(id, null, record);
  const knowing: ProcessIdentity = { self: 'me', isAlive: (holder) => holder !== 'dead' };
  const start = performance.now();
  expect(await replica(knowing)()).toMatchObject({ client: { client_id: 'client-1' } });
  expect(performance.now() - start).toBeLessThan(1_000);

  await repository.discard(ISSUER);
  await repository.put(id, null, record);
  const [one, other] = await Promise.all([replica()(), replica()()]);
  expect(one.client).toEqual(other.client);
  expect(fetch.sent).toHaveLength(2);
}, 30_000);

test('whoever was overtaken and comes late takes over the client that the others use', async () => {
  let release: (() => void) | undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { replica, repository } = fleet(async (count) => {
    if (count === 1) await held;
    return registered(count);
  });
  const late = replica()();
  await soon(50);
  const id = await repository.id(ISSUER, asked);
  const stored = await repository.get(id);
  await repository.put(id, stored, { issuer: ISSUER, redirect_uris: asked.redirect_uris });
  expect(await replica()()).toMatchObject({ client: { client_id: 'client-2' } });
  release?.();
  expect(await late).toMatchObject({ client: { client_id: 'client-2' } });
  expect(await replica()()).toMatchObject({ client: { client_id: 'client-2' }, fresh: false });
});

test('A87: a registration that has expired is replaced once, however many notice it', async () => {
  const past = Math.floor(Date.now() / 1_000) - 5;
  const { replica, fetch } = fleet((count) =>
    Response.json(
      {
        client_id: `client-${String(count)}`,
        client_secret: 'secret',
        client_secret_expires_at: count === 1 ? past : 0,
      },
      { status: 201 },
    ),
  );
  await replica()();
  const all = await Promise.all(Array.from({ length: 20 }, () => replica()()));
  expect(new Set(all.map(({ client }) => client.client_id))).toEqual(new Set(['client-2']));
  expect(fetch.sent).toHaveLength(2);
});

test('a late report about a client that was replaced does not drop its successor', async () => {
  const { replica, repository, fetch } = fleet(registered);
  await replica()();
  await Promise.all([1, 2, 3].map(() => repository.discard(ISSUER, 'client-1')));
  await replica()();
  await repository.discard(ISSUER, 'client-1');
  expect(await replica()()).toMatchObject({ client: { client_id: 'client-2' }, fresh: false });
  expect(fetch.sent).toHaveLength(2);
});

const codeOf = (error: unknown) => (error as { readonly code?: string }).code;
