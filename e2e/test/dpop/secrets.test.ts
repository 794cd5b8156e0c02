import { afterEach, expect, test } from '@jest/globals';
import { expectNoLeaks, faults } from '@mcp-oauth/e2e';
import { encrypted, keyRing } from '@mcp-oauth/storage-encrypted';
import { failureOf, logIn, Scene } from './scene.js';

let scene: Scene;

afterEach(async () => {
  await scene.close();
});

test('the private key shows in no error, event, status or object of a host, and is sent to no server', async () => {
  scene = await Scene.start({ server: { dpopNonces: true }, mcp: { dpopNonces: true } });
  const oauth = scene.host();
  const session = scene.session(oauth);
  const begun = await session.beginAuthorization({ redirectUri: 'https://host.example/callback' });
  await logIn(oauth, session);
  const secrets = scene.privateKeys();
  expect(secrets).toHaveLength(2);
  const body = { method: 'POST', body: '{}' };
  scene.mcp.behaviour.refuse = 'everything';
  const refused = await failureOf(session.fetch(scene.mcp.url, body));
  scene.mcp.behaviour.refuse = 'nothing';
  scene.server.expireAccessTokens();
  scene.server.fail('token', faults.respond(400, '{"error":"invalid_dpop_proof"}'));
  const unproven = await failureOf(session.fetch(scene.mcp.url, body));
  const unbound = await failureOf(session.accessToken());
  const prover = await session.dpop().catch((error: unknown) => error);
  expectNoLeaks(
    {
      begun,
      refused,
      unproven,
      unbound,
      prover,
      oauth,
      session,
      status: await session.status(),
      sessions: await oauth.sessions(),
      events: scene.events,
    },
    secrets,
  );
  const sent = scene.sent.flatMap(({ url, headers }) => [url, ...[...headers].flat()]);
  const decoded = sent.flatMap((text) =>
    text.split('.').map((part) => Buffer.from(part, 'base64url').toString()),
  );
  expect(decoded.some((text) => text.includes('dpop+jwt'))).toBe(true);
  for (const secret of secrets) expect([...sent, ...decoded].join('\n')).not.toContain(secret);
});

test('an encrypted store holds no readable key, neither of a login nor of one that is under way', async () => {
  scene = await Scene.start();
  const ring = keyRing([{ id: 'k1', key: crypto.getRandomValues(new Uint8Array(32)) }]);
  const oauth = scene.host({ store: encrypted(scene.store, ring) });
  const session = scene.session(oauth);
  await session.beginAuthorization({ redirectUri: 'https://host.example/callback' });
  await logIn(oauth, session);
  expect(await session.dpop()).toBeDefined();
  expect(scene.server.families()[0]?.jkt).toBeDefined();
  expect(scene.privateKeys()).toEqual([]);
});
