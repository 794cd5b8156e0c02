import { afterEach, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withWorkers } from '@mcp-oauth/e2e';
import { openTokenStore } from '@mcp-oauth/open-store';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { ping, Scene, schemes, whoami } from './scene.js';
import type { Caller } from './scene.js';

let scene: Scene;

afterEach(async () => {
  await scene.close();
});

const callsAtOnce = (client: Caller, count: number) =>
  Promise.all(Array.from({ length: count }, () => client.callTool(whoami)));

test('a refresh with rotation proves the same key, and the next token is bound to it', async () => {
  scene = await Scene.start({ mcp: { dpop: 'required' } });
  const session = await scene.loggedIn();
  const client = await scene.connected(session);
  for (let round = 0; round < 3; round++) {
    scene.server.expireAccessTokens();
    await client.callTool(whoami);
  }
  expect(scene.server.families()).toMatchObject([{ generation: 4, revoked: undefined }]);
  const keys = scene.sent.flatMap(({ headers }) => {
    const proof = headers.get('dpop');
    return proof === null ? [] : [JSON.stringify(decodeProtectedHeader(proof).jwk)];
  });
  expect(new Set(keys).size).toBe(1);
  expect(schemes(scene)).toEqual(['dpop']);
});

test.each(['v1', 'v2'] as const)(
  'A91: over SDK %s 20 parallel calls on an expired token, at servers whose nonces are good once, cost one refresh and none fails',
  async (sdk) => {
    scene = await Scene.start({ server: { dpopNonces: true }, mcp: { dpop: 'required', dpopNonces: true } });
    const session = await scene.loggedIn();
    const client = await scene.connected(session, sdk);
    scene.server.expireAccessTokens();
    await callsAtOnce(client, 20);
    expect(scene.mcp.counts().tools).toEqual({ whoami: 20 });
    const [family] = scene.server.families();
    expect(family).toMatchObject({ generation: 2, revoked: undefined, maxInFlight: 1 });
    expect(await session.status()).toMatchObject({ state: 'logged_in', generation: 2 });
    const [proof = ''] = scene.proofsTo(`${scene.server.issuer}/token`).slice(-1);
    expect(decodeJwt(proof)['nonce']).toEqual(expect.any(String));
  },
);

test('A91: a server that wants another nonce each time is asked twice, and neither a refresh nor a login follows', async () => {
  scene = await Scene.start();
  const session = await scene.loggedIn();
  scene.mcp.behaviour.challenge = () => 'DPoP error="use_dpop_nonce"';
  scene.mcp.behaviour.dpopNonces = true;
  scene.mcp.behaviour.refuse = 'everything';
  scene.mcp.clearLog();
  const call = session.fetch(scene.mcp.url, { method: 'POST', body: '{}' });
  await expect(call).rejects.toMatchObject({ code: 'transient' });
  expect(scene.mcp.counts().http).toMatchObject({ 'POST /mcp': 2 });
  expect(scene.server.families()).toMatchObject([{ generation: 1 }]);
  expect(await session.status()).toMatchObject({ state: 'logged_in' });
});

test('A91: a token endpoint that wants another nonce each time is asked twice, and the grant stays', async () => {
  scene = await Scene.start({ server: { dpopNonces: true } });
  const session = await scene.loggedIn();
  scene.server.expireAccessTokens();
  scene.server.clearLog();
  const refusal = JSON.stringify({ error: 'use_dpop_nonce' });
  scene.server.failAlways('token', {
    kind: 'respond',
    status: 400,
    body: refusal,
    headers: { 'content-type': 'application/json', 'dpop-nonce': 'again' },
  });
  const call = session.fetch(scene.mcp.url, { method: 'POST', body: '{}' });
  await expect(call).rejects.toMatchObject({ code: 'transient' });
  expect(scene.server.counts().token).toBe(2);
  scene.server.heal();
  expect(await session.status()).toMatchObject({ state: 'logged_in' });
});

test('a proof that the MCP server refuses says nothing of the token: it is told, and nothing is renewed', async () => {
  scene = await Scene.start();
  let slow = 0;
  const session = await scene.loggedIn(scene.host({ now: () => Date.now() - slow }));
  slow = 3_600_000;
  const call = session.fetch(scene.mcp.url, { method: 'POST', body: '{}' });
  await expect(call).rejects.toMatchObject({ code: 'transient', message: expect.stringContaining('clock') });
  expect(scene.server.families()).toMatchObject([{ generation: 1 }]);
});

test.each(['fs', 'sqlite'])(
  'two processes on one %s store refresh once, with the key that one of them made',
  async (kind) => {
    scene = await Scene.start({
      server: { dpopNonces: true, tokenLatencyMs: 100 },
      mcp: { dpop: 'required' },
    });
    const directory = await mkdtemp(join(tmpdir(), 'dpop-'));
    scene.closeLater(() => rm(directory, { recursive: true, force: true }));
    const address = kind === 'fs' ? `file:${directory}` : `sqlite:${join(directory, 'tokens.db')}`;
    const store = await openTokenStore(address);
    scene.closeLater(() => store.close());
    await scene.loggedIn(scene.host({ store }));
    scene.server.expireAccessTokens();
    const options = {
      module: new URL('calling-worker.mjs', import.meta.url),
      count: 2,
      input: () => ({ store: address, resource: scene.mcp.url.href, calls: 10 }),
    };
    const results = await withWorkers(options, async (workers) => {
      await Promise.all(workers.map((worker) => worker.next()));
      for (const worker of workers) worker.send('go');
      return await Promise.all(workers.map((worker) => worker.result()));
    });
    expect(results).toEqual([Array(10).fill(200), Array(10).fill(200)]);
    const [family] = scene.server.families();
    expect(family).toMatchObject({ generation: 2, revoked: undefined, maxInFlight: 1 });
  },
);

test('a bound login is revoked at its server, without a proof', async () => {
  scene = await Scene.start();
  const session = await scene.loggedIn();
  expect(await session.revoke()).toEqual({ refresh_token: 'revoked', access_token: 'revoked' });
  expect(scene.server.families()).toMatchObject([{ revoked: 'revocation' }]);
  expect(scene.proofsTo(`${scene.server.issuer}/revoke`)).toEqual([]);
});

test('a step-up replaces token and key together, while calls with the old ones are under way', async () => {
  scene = await Scene.start({ mcp: { dpop: 'required' } });
  const oauth = scene.host();
  const session = await scene.loggedIn(oauth);
  const client = await scene.connected(session);
  const slow = client.callTool({ name: 'slow', arguments: { ms: 300 } });
  await expect(client.callTool({ name: 'admin_only', arguments: {} })).rejects.toMatchObject({
    code: 'authorization_required',
    reason: 'insufficient_scope',
  });
  await scene.loggedIn(oauth);
  await slow;
  await client.callTool({ name: 'admin_only', arguments: {} });
  expect(new Set(scene.server.families().map(({ jkt }) => jkt)).size).toBe(2);
  expect(await ping(scene.mcp.url, {})).toMatchObject({ status: 401 });
});
