import { afterEach, expect, test } from '@jest/globals';
import { createOAuthClient } from '@mcp-oauth/core';
import { exportJWK, generateKeyPair, calculateJwkThumbprint } from 'jose';
import { failureOf, logIn, Scene, schemes, whoami } from './scene.js';

let scene: Scene;

afterEach(async () => {
  await scene.close();
});

const newPair = (alg = 'ES256'): Promise<CryptoKeyPair> => generateKeyPair(alg, { extractable: false });

test("a login with the host's own key works in every process that has it, and the record holds none", async () => {
  scene = await Scene.start({ mcp: { dpop: 'required' } });
  const dpop = await newPair();
  await scene.loggedIn(scene.host({ dpop }));
  const [family] = scene.server.families();
  expect(family?.jkt).toBe(await calculateJwkThumbprint(await exportJWK(dpop.publicKey)));
  const elsewhere = scene.session(scene.host({ dpop }));
  scene.server.expireAccessTokens();
  await (await scene.connected(elsewhere)).callTool(whoami);
  expect(schemes(scene)).toEqual(['dpop']);
  const records = scene.store.written;
  expect(records).toContain(`"jkt":"${family?.jkt ?? ''}"`);
  expect(records).not.toContain('"key"');
});

test.each([
  ['without a key of its own', undefined],
  ['with another key', () => newPair()],
])(
  "a process %s can't use that login, says so, keeps it, and logs in anew where it is asked to",
  async (_, other) => {
    scene = await Scene.start();
    const dpop = await newPair();
    const original = await scene.loggedIn(scene.host({ dpop }));
    const oauth = scene.host(other ? { dpop: await other() } : {});
    const session = scene.session(oauth);
    scene.mcp.clearLog();
    for (const call of [
      session.fetch(scene.mcp.url, { method: 'POST', body: '{}' }),
      session.accessToken(),
    ]) {
      expect(await failureOf(call)).toMatchObject({ code: 'authorization_required', reason: 'key_missing' });
    }
    expect(schemes(scene)).toEqual([]);
    scene.server.expireAccessTokens();
    expect(await failureOf(session.accessToken())).toMatchObject({ reason: 'key_missing' });
    await (await scene.connected(original)).callTool(whoami);
    expect(scene.server.families()).toMatchObject([{ generation: 2, revoked: undefined }]);

    await logIn(oauth, session);
    await (await scene.connected(session)).callTool(whoami);
    expect(new Set(scene.server.families().map(({ jkt }) => jkt)).size).toBe(2);
  },
);

test('where the servers know another algorithm than that of the own key, tokens are bearer tokens', async () => {
  scene = await Scene.start({ server: { metadata: { dpop_signing_alg_values_supported: ['ES256'] } } });
  const session = await scene.loggedIn(scene.host({ dpop: await newPair('ES384') }));
  await (await scene.connected(session)).callTool(whoami);
  expect(schemes(scene)).toEqual(['bearer']);
});

test.each<readonly [string, () => Promise<CryptoKeyPair>]>([
  ['that only agrees on secrets', () => generateKeyPair('ECDH-ES')],
  [
    'with its halves swapped',
    async () => {
      const { privateKey, publicKey } = await newPair();
      return { privateKey: publicKey, publicKey: privateKey };
    },
  ],
  [
    'of two kinds',
    async () => ({ privateKey: (await newPair()).privateKey, publicKey: (await newPair('ES384')).publicKey }),
  ],
])('a key pair %s is refused when the client is made', async (_, make) => {
  scene = await Scene.start();
  const dpop = await make();
  expect(() => createOAuthClient({ store: scene.store, client: { client_name: 'Test host' }, dpop })).toThrow(
    expect.objectContaining({ code: 'invalid_config' }),
  );
});
