import { afterEach, expect, test } from '@jest/globals';
import { decodeJwt, exportJWK, generateKeyPair } from 'jose';
import { Scene, schemes, whoami } from './scene.js';

let scene: Scene;

afterEach(async () => {
  await scene.close();
});

const strict = {
  server: { dpopNonces: true, registration: false },
  mcp: { dpop: 'required', dpopNonces: true },
} as const;

test('a machine gets bound tokens without a person, and shows a new assertion of itself where the server wants a nonce', async () => {
  scene = await Scene.start(strict);
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const { clientId } = scene.server.addClient({
    redirectUris: [],
    authenticationMethod: 'private_key_jwt',
    grantTypes: ['client_credentials'],
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'main', alg: 'ES256' }] },
  });
  const session = scene.session(scene.host(), {
    clientId,
    privateKey: { key: privateKey, kid: 'main' },
    grant: { type: 'client_credentials' },
  });
  const client = await scene.connected(session);
  await client.callTool(whoami);
  scene.server.expireAccessTokens();
  await client.callTool(whoami);
  expect(schemes(scene)).toEqual(['dpop']);
  const outcomes = scene.server
    .log()
    .flatMap(({ endpoint, outcome }) => (endpoint === 'token' ? outcome : []));
  expect(outcomes).toEqual(['use_dpop_nonce', 'ok', 'ok']);
});

test('a login on another device gives bound tokens, which are renewed with the same key', async () => {
  scene = await Scene.start({
    server: { dpopNonces: true, deviceAuthorization: true, deviceInterval: 0.2 },
    mcp: { dpop: 'required', dpopNonces: true },
  });
  const session = scene.session(scene.host());
  await session.authorizeDevice({
    onUserCode: async ({ verificationUriComplete }) => {
      await fetch(verificationUriComplete ?? '');
    },
  });
  const client = await scene.connected(session, 'v2');
  scene.server.expireAccessTokens();
  await client.callTool(whoami);
  expect(schemes(scene)).toEqual(['dpop']);
  expect(scene.server.families()).toMatchObject([{ generation: 2, jkt: expect.any(String) as unknown }]);
  const proofs = scene.proofsTo(`${scene.server.issuer}/token`).map((proof) => decodeJwt(proof).jti);
  expect(new Set(proofs).size).toBe(proofs.length);
});
